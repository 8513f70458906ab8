// What stands in an order's way: open holds and open exceptions, each with its way out.

import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useMay } from "../../api/may";
import type { Order } from "../../api/types";
import { AlertIcon, HandIcon } from "../../ui/icons";
import { Time } from "../../ui/Time";
import { who } from "../../words/actor";
import { sentence, type Tone } from "../../words/status";
import type { OnAsk } from "./ask";
import styles from "./Banners.module.css";

export function Banners({ order, onAsk }: { order: Order; onAsk: OnAsk }) {
  const may = useMay();
  const holds = order.holds.filter((hold) => !hold.resolved_at);
  const exceptions = order.exceptions.filter((exception) => !exception.resolved_at);
  if (!holds.length && !exceptions.length) return null;
  const resolve = may.order("resolve_hold");
  return (
    <div className={styles.list}>
      {holds.map((hold) => (
        <Banner
          key={hold.id}
          tone="bad"
          icon={<HandIcon size={18} />}
          title={`On hold: ${sentence(hold.kind).toLowerCase()}${hold.line_no ? `, line ${hold.line_no}` : ""}`}
          text={hold.reason}
          aside={
            <>
              Stops {hold.blocks.join(", ")} · {who(hold.author, may.session)} · <Time at={hold.placed_at} as="ago" inline />
            </>
          }
          action={resolve && (() => onAsk({ do: "resolve_hold", hold }))}
        />
      ))}
      {exceptions.map((exception) => (
        <Banner
          key={exception.id}
          tone="warn"
          icon={<AlertIcon size={18} />}
          title={sentence(exception.kind)}
          text={exception.cause}
          aside={
            <>
              {exception.suggestion}
              {exception.opened_at && (
                <>
                  {" "}
                  · <Time at={exception.opened_at} as="ago" inline />
                </>
              )}
            </>
          }
          action={resolve && (() => onAsk({ do: "resolve_exception", exception }))}
        />
      ))}
    </div>
  );
}

interface BannerProps {
  tone: Tone;
  icon: ReactNode;
  title: string;
  text: string;
  aside: ReactNode;
  action: false | (() => void);
}

function Banner({ tone, icon, title, text, aside, action }: BannerProps) {
  return (
    <div className={styles.banner} data-tone={tone}>
      <span className={styles.icon}>{icon}</span>
      <div className={styles.said}>
        <p>
          <strong>{title}.</strong> {text}
        </p>
        <p className={styles.aside}>{aside}</p>
      </div>
      {action && (
        <Button size="xs" variant="default" onClick={action}>
          Resolve…
        </Button>
      )}
    </div>
  );
}
