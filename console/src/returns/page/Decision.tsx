// Why a return was decided as it was: the rule that spoke, and all that it was told.

import { useMay } from "../../api/may";
import type { Return, ReturnLine } from "../../api/returnTypes";
import { Card } from "../../ui/Card";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { who } from "../../words/actor";
import { OUTCOME, told } from "../../words/afterSales";
import { count, money } from "../../words/format";
import { said, sentence } from "../../words/status";
import styles from "./Return.module.css";

export function Decision({ rma }: { rma: Return }) {
  const { session } = useMay();
  const terms = told(rma.terms, rma.currency);
  return (
    <Card title="Decision" aside={<span className="dim mono">{rma.policy}</span>}>
      {rma.decided_at ? (
        <p>
          {rma.reasons.map(sentence).join(", ") || "Decided"}{" "}
          <span className="dim">
            · {who(rma.decided_by, session)} · <Time at={rma.decided_at} inline />
          </span>
        </p>
      ) : (
        <p>
          Not decided yet. <span className="dim">{rma.reasons.map(sentence).join(", ")}</span>
        </p>
      )}
      {rma.question && <blockquote className={styles.note}>{rma.question}</blockquote>}
      {rma.note && <blockquote className={styles.note}>{rma.note}</blockquote>}
      {terms.length > 0 && (
        <ul className={styles.terms}>
          {terms.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
      {rma.lines.map((line) => (
        <Spoke key={line.line_no} line={line} currency={rma.currency} />
      ))}
    </Card>
  );
}

function Spoke({ line, currency }: { line: ReturnLine; currency: string }) {
  const { outcome, rule, inputs } = line.decision;
  if (!rule) return null;
  return (
    <details className={styles.rule}>
      <summary>
        <span>
          {line.title || line.sku_code}: <strong>{sentence(rule)}</strong>
        </span>
        {outcome && <Tag said={said(OUTCOME, outcome)} plain />}
      </summary>
      <dl className={styles.inputs}>
        {Object.entries(inputs ?? {}).map(([name, value]) => (
          <div key={name}>
            <dt>{sentence(name.replace(/_minor$/, ""))}</dt>
            <dd className="num">{shown(name, value, currency)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function shown(name: string, value: unknown, currency: string): string {
  if (value === null || value === "" || value === undefined) return "—";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") {
    if (name.endsWith("_minor")) return money(value, currency);
    return name.endsWith("_percent") ? `${count(value)} %` : count(value);
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value).replaceAll("_", " ");
}
