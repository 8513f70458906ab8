// The head of a return: its number, how it stands, and what may be asked of it now.

import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMay } from "../../api/may";
import type { Return, ReturnAction } from "../../api/returnTypes";
import { Copy } from "../../ui/Copy";
import { BackIcon } from "../../ui/icons";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { CAUSE, RETURN } from "../../words/afterSales";
import { said, sentence } from "../../words/status";
import type { Ask } from "./ReturnPage";
import styles from "../../orders/page/Head.module.css";
import own from "./Return.module.css";

interface HeadProps {
  rma: Return;
  back: () => void;
  stale: boolean;
  onAsk: (ask: Ask) => void;
}

type Offered = Exclude<ReturnAction, "dispose">;

export const NEEDS: Record<ReturnAction, string> = {
  approve: "returns:approve",
  refuse: "returns:approve",
  receive: "returns:receive",
  grade: "returns:receive",
  dispose: "returns:receive",
  settle: "returns:approve",
  cancel: "returns:write",
};

// In this order; the first that is legal is what comes next.
const OFFERED: [Offered, string][] = [
  ["grade", "Grade…"],
  ["receive", "Receive…"],
  ["approve", "Approve…"],
  ["settle", "Settle…"],
  ["refuse", "Refuse…"],
  ["cancel", "Call off…"],
];

export function Head({ rma, back, stale, onAsk }: HeadProps) {
  const { has } = useMay();
  const legal = OFFERED.filter(([action]) => rma.legal_actions.includes(action) && has(NEEDS[action]));
  return (
    <div className={`${styles.head} ${own.head}`}>
      <Tooltip label="Back (u)">
        <ActionIcon size="lg" onClick={back} aria-label="Back to the list">
          <BackIcon size={20} />
        </ActionIcon>
      </Tooltip>
      <div className={styles.what}>
        <div className={styles.row}>
          <h1>{rma.number}</h1>
          <Copy text={rma.number} what="return number" />
          <Tag said={said(RETURN, rma.status)} />
        </div>
        <p className={styles.facts}>
          <span>
            Of order{" "}
            <Link to="/orders/$number" params={{ number: rma.order_number }} className="num">
              {rma.order_number}
            </Link>
          </span>
          <span>{CAUSE[rma.cause] ?? sentence(rma.cause)}</span>
          <span>
            Since <Time at={rma.requested_at} inline />
          </span>
          {stale && (
            <span role="status" data-tone="warn" className={styles.stale}>
              Connection lost; what you see may be old
            </span>
          )}
        </p>
      </div>
      <div className={own.actions}>
        {legal.map(([action, word], n) => (
          <Button
            key={action}
            variant={n ? "default" : "filled"}
            onClick={() => onAsk({ do: action })}
          >
            {word}
          </Button>
        ))}
      </div>
    </div>
  );
}
