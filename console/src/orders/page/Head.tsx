// The head of an order: its number, how it stands, and what may be asked of it now.

import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useMay } from "../../api/may";
import type { Order, OrderAction } from "../../api/types";
import { Copy } from "../../ui/Copy";
import { BackIcon, MoreIcon, OutIcon } from "../../ui/icons";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { HEALTH, ORDER, PAYMENT, said } from "../../words/status";
import type { Ask, OnAsk } from "./ask";
import styles from "./Head.module.css";

interface HeadProps {
  order: Order;
  onAsk: OnAsk;
  back: () => void;
  stale: boolean;
}

export function Head({ order, onAsk, back, stale }: HeadProps) {
  return (
    <div className={styles.head}>
      <Tooltip label="Back (u)">
        <ActionIcon size="lg" onClick={back} aria-label="Back to the list">
          <BackIcon size={20} />
        </ActionIcon>
      </Tooltip>
      <div className={styles.what}>
        <div className={styles.row}>
          <h1>{order.number}</h1>
          <Copy text={order.number} what="order number" />
          <Tag said={ORDER[order.status]} />
          {order.health !== "ok" && <Tag said={HEALTH[order.health]} />}
          <Tag said={said(PAYMENT, order.payment_status)} />
          {order.mode === "history" && <Tag said={{ word: "History", tone: "quiet", help: "Imported as past" }} />}
        </div>
        <p className={styles.facts}>
          <span>{order.channel.name}</span>
          <span className="mono">{order.external_id}</span>
          <span>
            Placed <Time at={order.placed_at} inline />
          </span>
          <a href={order.tracking_url} target="_blank" rel="noreferrer" className={styles.link}>
            Customer’s page <OutIcon size={12} />
          </a>
          {stale && (
            <span role="status" data-tone="warn" className={styles.stale}>
              Connection lost; what you see may be old
            </span>
          )}
        </p>
      </div>
      <Actions order={order} onAsk={onAsk} />
    </div>
  );
}

interface Offered {
  action: OrderAction;
  word: string;
  ask: Ask;
  danger?: boolean;
}

// In this order; the first ones are buttons, the others stand in the menu.
const OFFERED: Offered[] = [
  { action: "unpark", word: "Unpark line…", ask: { do: "unpark" } },
  { action: "release", word: "Release now", ask: { do: "release" } },
  { action: "route", word: "Route now", ask: { do: "route" } },
  { action: "hold", word: "Hold…", ask: { do: "hold" } },
  { action: "change", word: "Change…", ask: { do: "change" } },
  { action: "edit_address", word: "Edit address…", ask: { do: "edit_address" } },
  { action: "recall", word: "Recall…", ask: { do: "recall" } },
  { action: "cancel", word: "Cancel…", ask: { do: "cancel" }, danger: true },
];

function Actions({ order, onAsk }: { order: Order; onAsk: OnAsk }) {
  const may = useMay();
  const narrow = useMediaQuery("(max-width: 900px)", undefined, { getInitialValueInEffect: false });
  const legal: Pick<Offered, "word" | "ask" | "danger">[] = OFFERED.filter(({ action }) => order.actions.includes(action) && may.order(action));
  if (may.appease && order.totals.captured > order.totals.refunded) legal.push({ word: "Goodwill…", ask: { do: "appease" } });
  if (!legal.length) return null;
  const buttons = narrow ? [] : legal.filter((each) => !each.danger).slice(0, 2);
  const menu = legal.filter((each) => !buttons.includes(each));
  return (
    <div className={styles.actions}>
      {buttons.map(({ word, ask }) => (
        <Button key={word} variant="default" onClick={() => onAsk(ask)}>
          {word}
        </Button>
      ))}
      {menu.length > 0 && (
        <Menu position="bottom-end" width={200}>
          <Menu.Target>
            {narrow ? (
              <ActionIcon size={40} variant="default" aria-label="Actions">
                <MoreIcon size={20} />
              </ActionIcon>
            ) : (
              <Button variant="default" rightSection={<MoreIcon />}>
                {buttons.length ? "More" : "Actions"}
              </Button>
            )}
          </Menu.Target>
          <Menu.Dropdown>
            {menu.map(({ word, ask, danger }) => (
              <Menu.Item key={word} color={danger ? "var(--bad-text)" : undefined} onClick={() => onAsk(ask)}>
                {word}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
