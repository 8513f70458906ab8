// Beside the return: what it brings, its way back, what happened last.

import { useQuery } from "@tanstack/react-query";
import { write } from "../../api/client";
import { useMay } from "../../api/may";
import { timelineQuery } from "../../api/queries";
import type { Return, Settled, SettlePreview } from "../../api/returnTypes";
import { Card } from "../../ui/Card";
import { Copy } from "../../ui/Copy";
import { Time } from "../../ui/Time";
import { who } from "../../words/actor";
import { GOES_TO } from "../../words/afterSales";
import { story } from "../../words/facts";
import { money } from "../../words/format";
import { sentence } from "../../words/status";
import { NEEDS } from "./Head";
import side from "../../orders/page/Side.module.css";
import styles from "./Return.module.css";

export function Side({ rma }: { rma: Return }) {
  return (
    <aside className={side.side} aria-label="Money and way back">
      <Brings rma={rma} />
      <WayBack rma={rma} />
      <Lately rma={rma} />
    </aside>
  );
}

function Brings({ rma }: { rma: Return }) {
  const { has } = useMay();
  const { session } = useMay();
  const settling = rma.legal_actions.includes("settle") && has(NEEDS.settle);
  const path = `/returns/${rma.id}/settle/preview`;
  const due = useQuery({
    queryKey: ["return", rma.number, "due", rma.version],
    queryFn: () => write<SettlePreview>("POST", path, {}),
    enabled: settling,
    retry: false,
  });
  const waits = settling ? (due.data?.settlements ?? []) : [];
  return (
    <Card title="Money" aside={<span className="dim">{rma.currency}</span>}>
      {rma.settlements.map((each) => (
        <div key={each.id} className={styles.settled}>
          <Sums sums={each} currency={each.currency} />
          <p className="dim">
            {who(each.settled_by, session)} · <Time at={each.settled_at} inline />
          </p>
        </div>
      ))}
      {waits.map((each, n) => (
        <div key={n} className={styles.settled}>
          <p className={styles.due}>Due now</p>
          <Sums sums={each} currency={rma.currency} />
        </div>
      ))}
      {!rma.settlements.length && !waits.length && <p className="dim">Nothing is settled, and nothing is due yet.</p>}
    </Card>
  );
}

const PARTS: [keyof Settled, string, boolean?][] = [
  ["goods", "Goods"],
  ["charges", "Charges"],
  ["fee", "Fees", true],
  ["bonus", "Bonus"],
  ["withheld", "Never paid", true],
];

/** What goes back and what it is made of. */
export function Sums({ sums, currency }: { sums: Settled; currency: string }) {
  return (
    <dl className={styles.sums}>
      {PARTS.filter(([name]) => sums[name]).map(([name, word, less]) => (
        <div key={name}>
          <dt>{word}</dt>
          <dd className="num">{money(Number(sums[name]) * (less ? -1 : 1), currency)}</dd>
        </div>
      ))}
      <div className={styles.amount}>
        <dt>{GOES_TO[sums.to] ?? sentence(sums.to)}</dt>
        <dd className="num">{money(sums.amount, currency)}</dd>
      </div>
    </dl>
  );
}

function WayBack({ rma }: { rma: Return }) {
  const open = rma.expires_at && rma.lines.some((line) => line.expected > 0);
  if (!rma.location && !rma.labels.length && !open) return null;
  return (
    <Card title="Way back">
      {rma.location && (
        <p>
          To <strong>{rma.location}</strong>
        </p>
      )}
      {open && rma.expires_at && (
        <p className="dim">
          Due by <Time at={rma.expires_at} inline />
        </p>
      )}
      {rma.labels.map((label, n) => (
        <p key={n} className={styles.label}>
          <span>
            {sentence(label.carrier)} {label.tracking_no ? <span className="mono">{label.tracking_no}</span> : <span className="dim">{sentence(label.state)}</span>}
          </span>
          {label.tracking_no && <Copy text={label.tracking_no} what="tracking number" />}
          {label.error && <span data-tone="bad">{label.error}</span>}
        </p>
      ))}
    </Card>
  );
}

function Lately({ rma }: { rma: Return }) {
  const { session, has } = useMay();
  const found = useQuery({ ...timelineQuery(rma.order_number), enabled: has("orders:read") });
  const facts = (found.data?.data ?? []).filter((fact) => fact.fact.startsWith("returns.") && fact.data.number === rma.number).toReversed();
  if (!facts.length) return null;
  return (
    <Card title="What happened">
      <ol className={side.lately}>
        {facts.map((fact) => {
          const { text, tone, detail } = story(fact);
          return (
            <li key={fact.seq} data-tone={tone}>
              <i aria-hidden="true" />
              <div>
                {text}
                {detail && <span className="dim"> · {detail}</span>}
                <div className="dim">
                  <Time at={fact.at} /> · {who(fact.actor, session)}
                </div>
              </div>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
