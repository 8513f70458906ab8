import { Tooltip } from "@mantine/core";
import { ago, clock, exactly, instant } from "../words/format";

interface TimeProps {
  at: string;
  as?: "instant" | "ago" | "clock";
  /** Within a sentence, where "today" is not its first word. */
  inline?: boolean;
}

const FORMS = { instant, ago, clock };

/** An instant in local time; its zone and UTC on hover. */
export function Time({ at, as = "instant", inline }: TimeProps) {
  return (
    <Tooltip label={exactly(at)}>
      <time dateTime={at} className={inline ? "num" : "num start"}>
        {FORMS[as](at)}
      </time>
    </Tooltip>
  );
}
