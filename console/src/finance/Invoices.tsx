import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Problem } from "../api/client";
import { invoicesQuery } from "../api/moneyQueries";
import type { Invoice } from "../api/moneyTypes";
import { PAPER_COLUMNS } from "../orders/money/Papers";
import type { FinanceSearch } from "../router";
import { Bones } from "../ui/Bones";
import { More } from "../ui/More";
import { Failed, Notice } from "../ui/Notice";
import { type Column, Table } from "../ui/Table";
import frame from "../ui/Frame.module.css";
import styles from "./Finance.module.css";

const [number, kind, issued, ...amounts] = PAPER_COLUMNS as [Column<Invoice>, Column<Invoice>, Column<Invoice>, ...Column<Invoice>[]];
const COLUMNS: Column<Invoice>[] = [
  number,
  kind,
  issued,
  { word: "Buyer", whole: true, cell: (paper) => <bdi>{paper.buyer || "—"}</bdi> },
  {
    word: "Order",
    whole: true,
    cell: (paper) =>
      paper.orders.map((order, n) => (
        <span key={order}>
          {n > 0 && ", "}
          <Link to="/orders/$number" params={{ number: order }} search={{ tab: "money" }} className="num">
            {order}
          </Link>
        </span>
      )),
  },
  ...amounts,
];

/** Invoices and credit memos, newest first; the filters stand in the address. */
export function Invoices({ search }: { search: FinanceSearch }) {
  const navigate = useNavigate({ from: "/finance" });
  const set = (name: keyof FinanceSearch, value: string) =>
    void navigate({ search: (now) => ({ ...now, [name]: value || undefined }), replace: true });
  const any = search.number || search.order || search.kind || search.since || search.until;
  return (
    <>
      <div className={frame.bar} role="search">
        <Words label="Number" value={search.number ?? ""} onChange={(value) => set("number", value)} />
        <Words label="Order" value={search.order ?? ""} onChange={(value) => set("order", value)} />
        <NativeSelect
          label="Kind"
          data-on={Boolean(search.kind)}
          value={search.kind ?? ""}
          onChange={(event) => set("kind", event.currentTarget.value)}
          data={[
            { value: "", label: "Both" },
            { value: "invoice", label: "Invoices" },
            { value: "credit_memo", label: "Credit memos" },
          ]}
        />
        <TextInput label="From" type="date" value={search.since ?? ""} onChange={(event) => set("since", event.currentTarget.value)} />
        <TextInput label="To" type="date" value={search.until ?? ""} onChange={(event) => set("until", event.currentTarget.value)} />
        {any && (
          <Button variant="subtle" onClick={() => void navigate({ search: { tab: "invoices" } })}>
            Clear all
          </Button>
        )}
      </div>
      <Found search={search} filtered={Boolean(any)} />
    </>
  );
}

function Found({ search, filtered }: { search: FinanceSearch; filtered: boolean }) {
  const { number, order, kind, since, until } = search;
  const found = useInfiniteQuery(invoicesQuery({ number, order, kind, since, until }));
  const rows = found.data?.pages.flatMap((page) => page.data) ?? [];
  const unknown = found.error instanceof Problem && found.error.status === 404;
  if (found.isError && !unknown && !rows.length) return <Failed error={found.error} retry={() => void found.refetch()} />;
  return (
    <div className={frame.box} data-stale={found.isPlaceholderData || undefined}>
      {found.isPending ? (
        <Bones label="Loading invoices" rows={8} />
      ) : rows.length && !unknown ? (
        <>
          <Table label="Invoices" columns={COLUMNS} rows={rows} id={(paper) => paper.id} />
          <More count={rows.length} one="document" pages={found} />
        </>
      ) : (
        <Notice title={filtered ? "No document matches" : "Nothing was billed yet"}>
          {filtered ? "Numbers are searched for as a whole." : "Invoices are issued for what leaves, credit memos for what comes back."}
        </Notice>
      )}
    </div>
  );
}

/** A field that asks a moment after the last letter. */
function Words({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onChange(text.trim()), 300);
    return () => clearTimeout(timer);
    // What was typed counts, not that the page was drawn again.
  }, [text]);
  return (
    <TextInput
      className={styles.field}
      label={label}
      value={text}
      maxLength={80}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}
