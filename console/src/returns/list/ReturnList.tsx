// The list of returns: which wait, for whom, and since when.

import { NativeSelect } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { returnsQuery } from "../../api/returnQueries";
import type { ReturnRow } from "../../api/returnTypes";
import { Bones } from "../../ui/Bones";
import { More } from "../../ui/More";
import { Failed, Notice } from "../../ui/Notice";
import { type Column, Table } from "../../ui/Table";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { useTitle } from "../../ui/title";
import { CAUSE, RETURN } from "../../words/afterSales";
import { count } from "../../words/format";
import { said, sentence } from "../../words/status";
import styles from "../../ui/Frame.module.css";

const COLUMNS: Column<ReturnRow>[] = [
  {
    word: "Return",
    cell: (row) => (
      <Link to="/returns/$number" params={{ number: row.number }}>
        {row.number}
      </Link>
    ),
  },
  { word: "Status", cell: (row) => <Tag said={said(RETURN, row.status)} plain /> },
  { word: "Why", whole: true, cell: (row) => row.reasons.map(sentence).join(", ") || "—" },
  { word: "Cause", whole: true, cell: (row) => CAUSE[row.cause] ?? sentence(row.cause) },
  {
    word: "Order",
    cell: (row) => (
      <Link to="/orders/$number" params={{ number: row.order_number }} className="num">
        {row.order_number}
      </Link>
    ),
  },
  { word: "Units", number: true, cell: (row) => count(row.units) },
  { word: "To", cell: (row) => row.location ?? "—" },
  { word: "Since", cell: (row) => <Time at={row.requested_at} /> },
  { word: "Due by", cell: (row) => (row.expires_at ? <Time at={row.expires_at} /> : "—") },
];

export function ReturnList() {
  useTitle("Returns");
  const { status } = useSearch({ from: "/signed-in/returns" });
  const navigate = useNavigate({ from: "/returns" });
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>Returns</h1>
        <NativeSelect
          aria-label="Status"
          value={status ?? ""}
          onChange={(event) => void navigate({ search: event.currentTarget.value ? { status: event.currentTarget.value } : {} })}
          data={[
            { value: "", label: "Every status" },
            ...Object.entries(RETURN).map(([value, { word }]) => ({ value, label: word })),
          ]}
        />
      </div>
      <Found status={status} />
    </div>
  );
}

function Found({ status }: { status: string | undefined }) {
  const found = useInfiniteQuery(returnsQuery(status));
  const rows = found.data?.pages.flatMap((page) => page.data) ?? [];
  if (found.isError && !rows.length) return <Failed error={found.error} retry={() => void found.refetch()} />;
  return (
    <div className={styles.box} data-stale={found.isPlaceholderData || undefined}>
      {found.isPending ? (
        <Bones label="Loading returns" rows={8} />
      ) : rows.length ? (
        <>
          <Table label="Returns" opens columns={COLUMNS} rows={rows} id={(row) => row.id} />
          <More count={rows.length} one="return" pages={found} />
        </>
      ) : (
        <Notice title={status ? "No return has this status" : "No returns yet"}>
          {status ? "Choose another status above." : "They appear here as customers ask for them, or as parcels come back."}
        </Notice>
      )}
    </div>
  );
}
