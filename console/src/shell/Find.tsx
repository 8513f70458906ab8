// Find anything, grouped by what it is: orders lead to their page.

import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { searchQuery } from "../api/queries";
import { SearchIcon } from "../ui/icons";
import { Tag } from "../ui/Tag";
import { money } from "../words/format";
import { ORDER } from "../words/status";
import styles from "./Find.module.css";

const GROUPS = [
  ["customers", "Customers"],
  ["drafts", "Drafts"],
  ["returns", "Returns"],
  ["skus", "SKUs"],
] as const;

export default function Find() {
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [settled] = useDebouncedValue(text.trim(), 200);
  const box = useRef<HTMLDivElement>(null);
  const here = useRouterState({ select: (state) => state.location.href });
  const found = useQuery({ ...searchQuery(settled), enabled: open && settled.length > 1 });
  useEffect(() => setOpen(false), [here]);
  const data = settled.length > 1 ? found.data : undefined;
  const nothing = data && !Object.values(data).some((group) => group.length);
  return (
    <div
      ref={box}
      className={styles.find}
      role="search"
      onBlur={(event) => {
        if (!box.current?.contains(event.relatedTarget)) setOpen(false);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") setOpen(false);
      }}
    >
      <TextInput
        aria-label="Find anything"
        placeholder="Find anything"
        leftSection={<SearchIcon size={16} />}
        value={text}
        autoComplete="off"
        maxLength={200}
        onFocus={() => setOpen(true)}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setOpen(true);
        }}
      />
      {open && data && (
        <div className={styles.found} aria-live="polite">
          {nothing && <p className="dim">Nothing is called that.</p>}
          {data.orders.length > 0 && (
            <section>
              <h2>Orders</h2>
              {data.orders.map((row) => (
                <Link key={row.id} to="/orders/$number" params={{ number: row.number }} search={{}} className={styles.hit}>
                  <span>
                    <b>{row.number}</b> <span className="dim">{row.buyer_name}</span>
                  </span>
                  <span className={styles.side}>
                    <Tag said={ORDER[row.status]} />
                    <span className="num">{money(row.total, row.currency)}</span>
                  </span>
                </Link>
              ))}
            </section>
          )}
          {GROUPS.map(([kind, title]) =>
            data[kind].length ? (
              <section key={kind}>
                <h2>{title}</h2>
                {data[kind].map((hit) => (
                  <Link
                    key={hit.id}
                    to="/orders"
                    search={{ q: kind === "customers" ? hit.detail || hit.name : hit.name }}
                    className={styles.hit}
                  >
                    <b>{hit.name}</b>
                    <span className="dim">{hit.detail}</span>
                  </Link>
                ))}
              </section>
            ) : null,
          )}
        </div>
      )}
    </div>
  );
}
