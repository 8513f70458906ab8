import { useState } from "react";
import type { EditPreview, Order } from "../../api/types";
import { Refusal } from "../../ui/Notice";
import { money, units } from "../../words/format";
import { Dialog, useSubmit } from "./Dialog";
import { Reason, WHY_EDIT } from "./Reason";
import { UnitsTable, type Chosen } from "./UnitsTable";
import { usePreview } from "./usePreview";
import styles from "./Dialog.module.css";

/** New quantities; money and stock are shown before it is done. */
export function EditQuantity({ order, close }: { order: Order; close: () => void }) {
  const submit = useSubmit(order.number, `Quantities of ${order.number} changed`, close);
  const [chosen, setChosen] = useState<Chosen>(() => Object.fromEntries(order.lines.map((line) => [line.line_no, line.ordered])));
  const [reason, setReason] = useState("");
  const quantities = order.lines
    .filter((line) => chosen[line.line_no] !== line.ordered && Number.isInteger(chosen[line.line_no]))
    .map((line) => ({ line: line.line_no, quantity: chosen[line.line_no] ?? line.ordered }));
  const changed = quantities.length > 0;
  const path = `/orders/${order.id}/edit`;
  const preview = usePreview<EditPreview>(`${path}/preview`, { quantities, reason: "preview", version: order.version }, changed);
  return (
    <Dialog
      title={`Quantities of ${order.number}`}
      word="Change quantities"
      wide
      close={close}
      submit={submit}
      ready={changed && preview.current && !preview.data?.problems.length && reason.trim() !== ""}
      onSubmit={() => submit.send(path, { quantities, reason: reason.trim(), version: order.version })}
    >
      <UnitsTable
        choices={order.lines.map((line) => ({ line: line.line_no, title: line.title, sku: line.sku, most: line.ordered }))}
        chosen={chosen}
        onChange={setChosen}
        word="New"
        of="Now"
        least={() => 0}
      />
      <Reason value={reason} onChange={setReason} usual={WHY_EDIT} />
      {changed && <Refusal problem={preview.problem} />}
      {changed && preview.data && <Seen seen={preview.data} order={order} busy={preview.pending} />}
    </Dialog>
  );
}

function Seen({ seen, order, busy }: { seen: EditPreview; order: Order; busy: boolean }) {
  return (
    <section className={styles.preview} aria-live="polite" aria-busy={busy}>
      <h3>What will happen</h3>
      <ul>
        <li>
          <span>Total</span>
          <span className="num">
            {money(seen.total_before, seen.currency)} → <b>{money(seen.total_after, seen.currency)}</b>
          </span>
        </li>
        {seen.uncovered > 0 && (
          <li data-tone="warn">
            <span>Not covered by the payments</span>
            <b className="num">{money(seen.uncovered, seen.currency)}</b>
          </li>
        )}
        {seen.missing.map((each) => (
          <li key={each.line_no} data-tone="warn">
            <span>{order.lines.find((line) => line.line_no === each.line_no)?.title}: not in stock</span>
            <b>{units(each.quantity)}</b>
          </li>
        ))}
        {seen.problems.map((each) => (
          <li key={each} data-tone="bad">
            {each}
          </li>
        ))}
      </ul>
    </section>
  );
}
