import { ActionIcon, Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { CheckIcon, CopyIcon } from "./icons";

/** Copies a text and says so for a moment. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = () => void navigator.clipboard?.writeText(text).then(() => setDone(true));
  return (
    <Tooltip label={done ? "Copied" : `Copy ${what}`}>
      <ActionIcon size="sm" onClick={copy} aria-label={done ? "Copied" : `Copy ${what}`}>
        {done ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}
