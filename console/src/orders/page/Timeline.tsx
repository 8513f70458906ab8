// All that happened to an order, newest first, by day; the raw fact is one click away.

import { useQuery } from "@tanstack/react-query";
import { useMay } from "../../api/may";
import { timelineQuery } from "../../api/queries";
import type { Fact, Order, Session } from "../../api/types";
import { Card } from "../../ui/Card";
import { Failed } from "../../ui/Notice";
import { Time } from "../../ui/Time";
import { who } from "../../words/actor";
import { story } from "../../words/facts";
import { plural } from "../../words/format";
import styles from "./Timeline.module.css";

const dayOf = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

export function Timeline({ order }: { order: Order }) {
  const { session } = useMay();
  const found = useQuery(timelineQuery(order.number));
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <p className="dim">Loading…</p>;
  const facts = found.data.data;
  const days = Map.groupBy(facts.toReversed(), (fact) => dayOf.format(new Date(fact.at)));
  return (
    <Card title="Timeline" aside={<span className="dim">{plural(facts.length, "fact")}</span>}>
      {[...days].map(([name, these]) => (
        <section key={name} className={styles.day}>
          <h3>{name}</h3>
          <ol>
            {these.map((fact) => (
              <Entry key={fact.seq} fact={fact} session={session} />
            ))}
          </ol>
        </section>
      ))}
    </Card>
  );
}

function Entry({ fact, session }: { fact: Fact; session: Session }) {
  const { text, tone, detail } = story(fact);
  return (
    <li data-tone={tone} className={styles.entry}>
      <span className={styles.time}>
        <Time at={fact.at} as="clock" />
      </span>
      <i aria-hidden="true" />
      <details>
        <summary>
          <strong>{text}</strong>
          {detail && <span> · {detail}</span>}
          <span className="dim"> · {who(fact.actor, session)}</span>
        </summary>
        <dl className={styles.raw}>
          <dt>Fact</dt>
          <dd className="mono">
            {fact.fact} · {fact.seq}
          </dd>
          <dt>By</dt>
          <dd className="mono">{fact.actor}</dd>
          {fact.cause && (
            <>
              <dt>Cause</dt>
              <dd className="mono">{fact.cause}</dd>
            </>
          )}
          <dt>Data</dt>
          <dd>
            <pre className="mono">{JSON.stringify(fact.data, null, 1)}</pre>
          </dd>
        </dl>
      </details>
    </li>
  );
}
