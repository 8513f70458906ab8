import { Link } from "@tanstack/react-router";
import type { OrderRow } from "../../api/types";
import { Tag } from "../../ui/Tag";
import { instant, money, units } from "../../words/format";
import { HEALTH, ORDER } from "../../words/status";
import styles from "./OrderList.module.css";

/** A row of the list on a phone. */
export function RowCard({ order }: { order: OrderRow }) {
  return (
    <div role="cell" className={styles.card}>
      <div>
        <Link to="/orders/$number" params={{ number: order.number }} className={styles.open}>
          {order.number}
        </Link>
        <Tag said={ORDER[order.status]} plain />
        {order.health !== "ok" && <Tag said={HEALTH[order.health]} />}
        <strong className="num">{money(order.total, order.currency)}</strong>
      </div>
      <div>
        <bdi className="cut">{order.buyer_name || "—"}</bdi>
        <span className={styles.end}>{units(order.units)}</span>
      </div>
      <div className="dim">
        <span className="cut">{order.channel.name}</span>
        <span className={styles.when}>{instant(order.placed_at)}</span>
      </div>
    </div>
  );
}
