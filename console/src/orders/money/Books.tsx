// What was booked for an order; read once somebody opens it.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { orderEntriesQuery } from "../../api/moneyQueries";
import type { Entry } from "../../api/moneyTypes";
import type { Order } from "../../api/types";
import { Bones } from "../../ui/Bones";
import card from "../../ui/Card.module.css";
import { Failed } from "../../ui/Notice";
import { story } from "../../words/facts";
import { day, money } from "../../words/format";
import { sentence } from "../../words/status";
import styles from "./Money.module.css";

export function Books({ order }: { order: Order }) {
  const [open, setOpen] = useState(false);
  return (
    <section className={card.card} aria-label="Books">
      <details className={styles.books} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>Books</summary>
        {open && <Entries order={order} />}
      </details>
    </section>
  );
}

function Entries({ order }: { order: Order }) {
  const found = useQuery(orderEntriesQuery(order.number, order.id));
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Bones label="Loading entries" rows={3} />;
  if (!found.data.data.length) return <p className={styles.none}>Nothing was booked yet.</p>;
  return found.data.data.map((entry) => <Booked key={entry.id} entry={entry} />);
}

function Booked({ entry }: { entry: Entry }) {
  const { text } = story({ fact: entry.fact, data: {} });
  const say = (minor: number) => (minor ? money(minor, entry.base_currency) : "");
  return (
    <article className={styles.entry}>
      <header>
        <strong>{text}</strong>
        <span className="dim">
          {entry.legal_entity} {entry.no} · {day(entry.booked_on)} · {sentence(entry.rule).toLowerCase()}
          {entry.memo && ` · ${entry.memo}`}
        </span>
      </header>
      <table>
        <thead>
          <tr>
            <th scope="col">Account</th>
            <th scope="col">Debit</th>
            <th scope="col">Credit</th>
          </tr>
        </thead>
        <tbody>
          {entry.lines.map((line, n) => (
            <tr key={n}>
              <td>
                <span className="mono">{line.account}</span>{" "}
                <span className="dim">
                  {line.key.replaceAll(/[._]/g, " ")}
                  {line.code && ` · ${line.code}`}
                  {line.sku && ` · ${line.sku}`}
                </span>
              </td>
              <td>{say(line.base_debit)}</td>
              <td>{say(line.base_credit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {entry.note && <p className="dim">{entry.note}</p>}
    </article>
  );
}
