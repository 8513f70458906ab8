// What came in, what it was like, and what became of it.

import { Button } from "@mantine/core";
import { useMay } from "../../api/may";
import type { Grading, Return } from "../../api/returnTypes";
import { Card } from "../../ui/Card";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { who } from "../../words/actor";
import { DISPOSITION, GRADE } from "../../words/afterSales";
import { units } from "../../words/format";
import { said, sentence } from "../../words/status";
import { NEEDS } from "./Head";
import type { Ask } from "./ReturnPage";
import styles from "./Return.module.css";

// These keep the goods in quarantine until something else becomes of them.
const FOR_NOW = new Set(["refurbish", "repair"]);

export function Gradings({ rma, onAsk }: { rma: Return; onAsk: (ask: Ask) => void }) {
  const { session, has } = useMay();
  if (!rma.receipts.length && !rma.gradings.length) return null;
  const may = rma.legal_actions.includes("dispose") && has(NEEDS.dispose);
  const title = (no: number) => {
    const line = rma.lines.find((each) => each.line_no === no);
    return line?.title || line?.sku_code || `line ${no}`;
  };
  return (
    <Card title="Came in and graded" flush>
      <ul className={styles.list}>
        {rma.gradings.map((grading) => (
          <li key={grading.id}>
            <Tag said={said(GRADE, grading.grade)} />
            <div>
              {units(grading.units)} of {title(grading.line_no)}
              {grading.note && <div>{grading.note}</div>}
              <div className="dim">
                {became(grading)} · {grading.location} · {who(grading.graded_by, session)} · <Time at={grading.graded_at} inline />
              </div>
            </div>
            {may && !grading.disposed_at && (
              <Button size="xs" variant="default" onClick={() => onAsk({ do: "dispose", grading })}>
                Put away…
              </Button>
            )}
          </li>
        ))}
        {rma.receipts.map((receipt) => (
          <li key={receipt.id}>
            <Tag said={{ word: "Came in", tone: "work" }} />
            <div>
              {receipt.lines.map((line) => `${units(line.quantity)} of ${title(line.line_no)}`).join(", ")}
              <div className="dim">
                {receipt.location}
                {receipt.reference && ` · ${receipt.reference}`} · {who(receipt.actor, session)} · <Time at={receipt.received_at} inline />
              </div>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function became(grading: Grading): string {
  if (!grading.disposition) return "In quarantine, not put away yet";
  const word = DISPOSITION[grading.disposition] ?? sentence(grading.disposition);
  return FOR_NOW.has(grading.disposition) && !grading.disposed_at ? `${word}, in quarantine until then` : word;
}
