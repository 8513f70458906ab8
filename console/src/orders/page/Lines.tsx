import type { Line, Order } from "../../api/types";
import { Card } from "../../ui/Card";
import { count, money, plural, units } from "../../words/format";
import { sentence } from "../../words/status";
import { BucketBar } from "./BucketBar";
import styles from "./Lines.module.css";

/** The lines of an order, where their units are, and its charges. */
export function Lines({ order }: { order: Order }) {
  const ordered = order.lines.reduce((sum, line) => sum + line.ordered, 0);
  const aside = `${plural(order.lines.length, "line")} · ${units(ordered)}`;
  return (
    <Card title="Lines" flush aside={<span className="dim">{aside}</span>}>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Item</th>
              <th scope="col">Units</th>
              <th scope="col" className={styles.number}>
                Ordered
              </th>
              <th scope="col" className={styles.number}>
                Price
              </th>
              <th scope="col" className={styles.number}>
                Total
              </th>
            </tr>
          </thead>
          <tbody>
            {order.lines.map((line) => (
              <Row key={line.line_no} line={line} order={order} />
            ))}
            {order.charges.map((charge) => (
              <tr key={`charge-${charge.number}`} className={styles.charge}>
                <td colSpan={4}>
                  {charge.title || sentence(charge.kind)} <span className="dim">{charge.kind.replaceAll("_", " ")}</span>
                </td>
                <td className={styles.number}>{money(charge.amount, order.currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Row({ line, order }: { line: Line; order: Order }) {
  return (
    <tr>
      <td className={styles.item}>
        <div>{line.title || line.sku}</div>
        <div className="dim">
          {line.line_no} · <span className="mono">{line.sku}</span>
          {line.kind !== "goods" && ` · ${sentence(line.kind).toLowerCase()}`}
          {order.groups.length > 1 && ` · delivery ${line.group}`}
        </div>
      </td>
      <td className={styles.bar}>
        <BucketBar line={line} />
      </td>
      <td className={styles.number} data-word="ordered">
        {count(line.ordered)}
      </td>
      <td className={styles.number} data-word="each">
        {money(line.unit_price, order.currency)}
        {line.discount > 0 && <div className="dim">−{money(line.discount, order.currency)}</div>}
      </td>
      <td className={styles.number}>
        <strong>{money(line.total, order.currency)}</strong>
      </td>
    </tr>
  );
}
