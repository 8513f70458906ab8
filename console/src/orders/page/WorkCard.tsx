// The work of one location: what it has, how far it is, and only what may be asked of it now.

import { Button } from "@mantine/core";
import { useMay } from "../../api/may";
import type { Order, Work, WorkAction, WorkLine } from "../../api/types";
import { FileIcon, StoreIcon } from "../../ui/icons";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { count, day, weight } from "../../words/format";
import { RECALL, WORK } from "../../words/status";
import type { OnAsk } from "./ask";
import styles from "./WorkCard.module.css";

const WORDS: [WorkAction, string][] = [
  ["answer_recall", "Answer recall…"],
  ["accept", "Accept"],
  ["pick", "Pick…"],
  ["pack", "Pack…"],
  ["ship", "Ship…"],
  ["hand_over", "Hand over…"],
  ["reject", "Reject…"],
  ["recall", "Recall…"],
];

interface WorkCardProps {
  work: Work;
  order: Order;
  onAsk: OnAsk;
}

export function WorkCard({ work, order, onAsk }: WorkCardProps) {
  const may = useMay();
  const here = may.workAt(work.location.id);
  const legal = WORDS.filter(([action]) => {
    if (!work.actions.includes(action)) return false;
    // Units come back through the order; what is only planned is given up by editing or cancelling.
    if (action === "recall") return order.actions.includes("recall") && work.status !== "planned" && may.order("recall");
    return here;
  });
  const said = RECALL[work.recall];
  return (
    <article className={styles.card} data-over={["done", "rejected", "cancelled"].includes(work.status) || undefined}>
      <header className={styles.head}>
        <span className="dim">
          <StoreIcon />
        </span>
        <div className={styles.name}>
          <h3 className="cut">{work.location.name}</h3>
          <div className="dim num">
            {work.number}
            {work.ship_on && ` · ships ${day(work.ship_on)}`}
          </div>
        </div>
        <div className={styles.tags}>
          <Tag said={WORK[work.status]} />
          {said && <Tag said={said} />}
        </div>
      </header>
      {work.recall === "requested" && work.recall_by && (
        <p className={styles.recall} data-tone="warn">
          Asked back{work.recall_reason && `: ${work.recall_reason}`}. Answer by <Time at={work.recall_by} inline />.
        </p>
      )}
      <ul className={styles.lines}>
        {work.lines.map((line) => (
          <li key={line.line_no}>
            <span className="cut" title={line.title}>
              <b className="num">{count(line.quantity)} ×</b> {line.title || line.sku}
            </span>
            <span className={styles.steps}>{steps(line)}</span>
          </li>
        ))}
      </ul>
      <Packages work={work} documents={may.documents} />
      {legal.length > 0 && (
        <footer className={styles.actions}>
          {legal.map(([action, word], n) => (
            <Button
              key={action}
              size="xs"
              variant={n === 0 ? "filled" : "default"}
              onClick={() => onAsk({ do: action, work })}
            >
              {word}
            </Button>
          ))}
        </footer>
      )}
    </article>
  );
}

function steps(line: WorkLine): string {
  const found: [number, string][] = [
    [line.to_pick, "to pick"],
    [line.picked, "picked"],
    [line.packed, "packed"],
    [line.shipped, "out"],
    [line.short, "missing"],
    [line.cancelled, "cancelled"],
    [line.cancel_requested, "asked back"],
  ];
  return found
    .filter(([units]) => units > 0)
    .map(([units, word]) => `${count(units)} ${word}`)
    .join(", ");
}

function Packages({ work, documents }: { work: Work; documents: boolean }) {
  const packages = work.packages.filter((each) => !each.voided);
  if (!packages.length) return null;
  return (
    <ul className={styles.packages}>
      {packages.map((each) => (
        <li key={each.id}>
          <span>
            Package {each.number} · {weight(each.weight_g)} ·{" "}
            {count(each.lines.reduce((sum, [, quantity]) => sum + quantity, 0))} pcs
          </span>
          {documents && (
            <a href={`/v1/packages/${each.id}/packing-slip.pdf`} target="_blank" rel="noreferrer">
              <FileIcon size={13} /> Packing slip
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}
