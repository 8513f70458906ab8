// Facts that could not be booked, each with what is missing; all are tried again at once.

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMay } from "../api/may";
import { parkedBookingsQuery } from "../api/moneyQueries";
import type { Parked as ParkedFact } from "../api/moneyTypes";
import { useSend } from "../api/writes";
import { Bones } from "../ui/Bones";
import { More } from "../ui/More";
import { Failed, Notice, Refusal } from "../ui/Notice";
import { type Column, Table } from "../ui/Table";
import { Time } from "../ui/Time";
import { say } from "../ui/toast";
import { story } from "../words/facts";
import { count, money, plural } from "../words/format";
import { sentence } from "../words/status";
import frame from "../ui/Frame.module.css";
import styles from "./Finance.module.css";

const COLUMNS: Column<ParkedFact>[] = [
  { word: "Fact", cell: (row) => <strong>{story({ fact: row.fact, data: {} }).text}</strong> },
  { word: "When", cell: (row) => <Time at={row.at} /> },
  {
    word: "Why it is not booked",
    whole: true,
    cell: (row) => (
      <>
        {row.reason} <span className={`mono ${styles.code}`}>{row.code}</span>
      </>
    ),
  },
  {
    word: "Amounts",
    whole: true,
    cell: (row) => <span className="dim num">{amounts(row)}</span>,
  },
];

/** The sums of a fact; one that names no currency has them as minor units. */
function amounts({ amounts: given }: ParkedFact): string {
  const currency = typeof given.currency === "string" ? given.currency : "";
  const sums = Object.entries(given).filter((each): each is [string, number] => typeof each[1] === "number");
  return sums
    .map(([name, value]) => {
      const word = sentence(name.replace(/_minor$/, ""));
      if (!name.endsWith("_minor")) return `${word} ${count(value)}`;
      return currency ? `${word} ${money(value, currency)}` : `${word} ${count(value)} minor units`;
    })
    .join(", ");
}

export function Parked() {
  const { has } = useMay();
  const found = useInfiniteQuery(parkedBookingsQuery);
  const replay = useSend<{ parked: number }>({ keys: [["books"]] });
  const rows = found.data?.pages.flatMap((page) => page.data) ?? [];
  if (found.isError && !rows.length) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const again = () =>
    replay.mutate(
      { path: "/accounting/parked/replay" },
      { onSuccess: ({ parked }) => say(parked ? `${plural(parked, "fact is", "facts are")} tried again` : "Nothing was parked; older facts are looked for") },
    );
  return (
    <>
      <div className={frame.bar}>
        <p className="dim" style={{ marginRight: "auto" }}>
          They wait for an account, a rate or a cost. Once it is there, try them again.
        </p>
        {has("accounting:write") && (
          <Button variant="default" loading={replay.isPending} onClick={again}>
            Try all again
          </Button>
        )}
      </div>
      <Refusal problem={replay.error} />
      <div className={frame.box}>
        {found.isPending ? (
          <Bones label="Loading what is parked" />
        ) : rows.length ? (
          <>
            <Table label="Not booked" columns={COLUMNS} rows={rows} id={(row) => row.source_id} />
            <More count={rows.length} one="fact" pages={found} />
          </>
        ) : (
          <Notice title="Everything is booked" />
        )}
      </div>
    </>
  );
}
