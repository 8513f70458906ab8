// The columns of the order list; which of them are shown is remembered on this device.

import { columnVisibilityFeature, createColumnHelper, tableFeatures } from "@tanstack/react-table";
import { Link } from "@tanstack/react-router";
import type { OrderRow } from "../../api/types";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { count, day, money } from "../../words/format";
import { HEALTH, ORDER, PAYMENT, said } from "../../words/status";
import styles from "./OrderList.module.css";

export const features = tableFeatures({ columnVisibilityFeature });
const helper = createColumnHelper<typeof features, OrderRow>();

export const columns = helper.columns([
  helper.accessor("number", {
    header: "Order",
    enableHiding: false,
    cell: ({ row }) => (
      <Link to="/orders/$number" params={{ number: row.original.number }} className={styles.open}>
        {row.original.number}
      </Link>
    ),
  }),
  helper.accessor("status", { header: "Status", cell: ({ getValue }) => <Tag said={ORDER[getValue()]} plain /> }),
  helper.accessor("health", {
    header: "Health",
    cell: ({ getValue }) => (getValue() === "ok" ? <span className="dim">OK</span> : <Tag said={HEALTH[getValue()]} />),
  }),
  helper.accessor("buyer_name", {
    header: "Buyer",
    cell: ({ getValue }) => <bdi className="cut">{getValue() || "—"}</bdi>,
  }),
  helper.accessor((row) => row.channel.name, {
    id: "channel",
    header: "Channel",
    cell: ({ getValue }) => <span className="cut">{getValue()}</span>,
  }),
  helper.accessor("external_id", {
    header: "Channel’s number",
    cell: ({ getValue }) => <span className="mono cut">{getValue()}</span>,
  }),
  helper.accessor("payment_status", {
    header: "Payment",
    cell: ({ getValue }) => <Tag said={said(PAYMENT, getValue())} plain />,
  }),
  helper.accessor("placed_at", { header: "Placed", cell: ({ getValue }) => <Time at={getValue()} /> }),
  helper.accessor("promised_by", {
    header: "Promised by",
    cell: ({ getValue, row }) => <Promised by={getValue()} status={row.original.status} />,
  }),
  helper.accessor("units", { header: "Units", cell: ({ getValue }) => count(getValue()) }),
  helper.accessor("total", {
    header: "Total",
    cell: ({ getValue, row }) => money(getValue(), row.original.currency),
  }),
]);

const WIDTHS: Record<string, string> = {
  number: "124px",
  status: "132px",
  health: "108px",
  buyer_name: "minmax(130px, 1.6fr)",
  channel: "minmax(110px, 1fr)",
  external_id: "minmax(120px, 1fr)",
  payment_status: "142px",
  placed_at: "124px",
  promised_by: "116px",
  units: "60px",
  total: "104px",
};

export const NUMBERS = new Set(["units", "total"]);
export const template = (ids: string[]): string => ids.map((id) => WIDTHS[id] ?? "1fr").join(" ");

const ENDED = new Set(["shipped", "delivered", "cancelled"]);

export function Promised({ by, status }: { by: string | null; status: string }) {
  if (!by) return <span className="dim">—</span>;
  const late = !ENDED.has(status) && by < new Date().toLocaleDateString("sv-SE");
  return (
    <span className={late ? styles.late : undefined} data-tone={late ? "bad" : undefined}>
      {day(by)}
      {late && <span className="unseen"> (overdue)</span>}
    </span>
  );
}

const KEPT = "baton-order-columns";
const AT_FIRST = { external_id: false };

export function keptVisibility(): Record<string, boolean> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "null") ?? AT_FIRST;
  } catch {
    return AT_FIRST;
  }
}

export function keepVisibility(visibility: Record<string, boolean>): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(visibility));
  } catch {
    // Storage may be forbidden; the choice lasts as long as the page.
  }
}
