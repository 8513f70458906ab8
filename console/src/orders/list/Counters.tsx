// How many orders wait and where; a click filters by it, a second click lets go.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { countsQuery } from "../../api/queries";
import type { Health, OrderStatus } from "../../api/types";
import type { ListSearch } from "../../router";
import { count, plural } from "../../words/format";
import { HEALTH, ORDER, type Said } from "../../words/status";
import styles from "./Counters.module.css";

const Queues = lazy(() => import("./Queues"));

const HEALTHS: Health[] = ["blocked", "attention"];
const STATUSES: OrderStatus[] = ["parked", "open", "backordered", "reserved", "allocated", "released", "partly_shipped"];

export function Counters({ search }: { search: ListSearch }) {
  const { data } = useQuery(countsQuery);
  const navigate = useNavigate({ from: "/orders" });
  const [open, setOpen] = useState(false);
  const toggle = (name: "status" | "health", value: string) =>
    void navigate({ search: { ...search, [name]: search[name] === value ? undefined : value } });
  return (
    <div className={styles.bar} role="group" aria-label="Orders that wait">
      {HEALTHS.map((name) => (
        <Counter
          key={name}
          said={HEALTH[name]}
          count={data && (data.by_health[name] ?? 0)}
          on={search.health === name}
          toggle={() => toggle("health", name)}
        />
      ))}
      <span className={styles.divider} />
      {STATUSES.map((name) => (
        <Counter
          key={name}
          said={ORDER[name]}
          count={data && (data.by_status[name] ?? 0)}
          on={search.status === name}
          toggle={() => toggle("status", name)}
        />
      ))}
      {data && data.exceptions + data.parked_jobs > 0 && (
        <button type="button" className={styles.queues} onClick={() => setOpen(true)}>
          {[
            data.exceptions > 0 && plural(data.exceptions, "exception"),
            data.parked_jobs > 0 && plural(data.parked_jobs, "parked job"),
          ]
            .filter(Boolean)
            .join(" · ")}
        </button>
      )}
      <Suspense>{open && <Queues close={() => setOpen(false)} />}</Suspense>
    </div>
  );
}

interface CounterProps {
  said: Said;
  count: number | undefined;
  on: boolean;
  toggle: () => void;
}

function Counter({ said, count: found, on, toggle }: CounterProps) {
  return (
    <button
      type="button"
      className={styles.counter}
      data-tone={said.tone}
      data-empty={found === 0 || undefined}
      aria-pressed={on}
      title={said.help}
      onClick={toggle}
    >
      <span className={styles.dot} aria-hidden="true" />
      <span className={styles.word}>{said.word}</span>
      <strong className="num">{found === undefined ? "·" : count(found)}</strong>
    </button>
  );
}
