import { Checkbox, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ChangePreview, Line, Order } from "../../api/types";
import { Refusal } from "../../ui/Notice";
import { day, money, units } from "../../words/format";
import { Dialog, useSubmit } from "./Dialog";
import { Reason, WHY_EDIT } from "./Reason";
import { UnitsField, UnitsTable, type Chosen } from "./UnitsTable";
import { usePreview } from "./usePreview";
import styles from "./Dialog.module.css";

const wanted = (line: Line): number => line.ordered - line.buckets.cancelled;

/** Quantities, another item, charges: one change, with all that follows shown before it is made. */
export function Change({ order, close }: { order: Order; close: () => void }) {
  const submit = useSubmit(order.number, `${order.number} changed`, close);
  const lines = order.lines.filter((line) => wanted(line) > 0);
  const charges = order.charges.filter((charge) => charge.amount > 0 && !charge.waives && !order.charges.some((other) => other.waives === charge.number));
  const [chosen, setChosen] = useState<Chosen>(() => Object.fromEntries(lines.map((line) => [line.line_no, wanted(line)])));
  const [added, setAdded] = useState({ sku: "", quantity: 1 });
  const [waived, setWaived] = useState<number[]>([]);
  const [reason, setReason] = useState("");
  const actions = [
    ...lines
      .filter((line) => Number.isInteger(chosen[line.line_no]) && chosen[line.line_no] !== wanted(line))
      .map((line) => ({ type: "set_quantity", line: line.line_no, quantity: chosen[line.line_no] })),
    ...(added.sku.trim() && added.quantity > 0 ? [{ type: "add_line", sku: added.sku.trim(), quantity: added.quantity }] : []),
    ...waived.map((charge) => ({ type: "waive_charge", charge })),
  ];
  const some = actions.length > 0;
  const path = `/orders/${order.id}/changes`;
  const preview = usePreview<ChangePreview>(`${path}/preview`, { actions }, some);
  const seen = some ? preview.data : undefined;
  return (
    <Dialog
      title={`Change ${order.number}`}
      word="Change order"
      wide
      close={close}
      submit={submit}
      ready={some && preview.current && Boolean(seen?.possible) && reason.trim() !== ""}
      onSubmit={() => submit.send(path, { actions, reason: reason.trim(), version: seen?.version ?? order.version })}
    >
      <UnitsTable
        choices={lines.map((line) => ({ line: line.line_no, title: line.title, sku: line.sku, most: wanted(line) }))}
        chosen={chosen}
        onChange={setChosen}
        word="New"
        of="Now"
        least={() => 0}
      />
      <div className={styles.item}>
        <TextInput
          label="Add an item"
          placeholder="SKU"
          value={added.sku}
          maxLength={120}
          autoComplete="off"
          onChange={(event) => setAdded({ ...added, sku: event.currentTarget.value })}
        />
        <div className={styles.field}>
          <UnitsField label="Units of the added item" value={added.quantity} least={1} onChange={(quantity) => setAdded({ ...added, quantity })} />
        </div>
      </div>
      {charges.length > 0 && (
        <div className={styles.checks} role="group" aria-label="Charges to waive">
          {charges.map((charge) => (
            <Checkbox
              key={charge.number}
              label={`Waive ${charge.title} (${money(charge.amount, order.currency)})`}
              checked={waived.includes(charge.number)}
              onChange={() =>
                setWaived((kept) => (kept.includes(charge.number) ? kept.filter((each) => each !== charge.number) : [...kept, charge.number]))
              }
            />
          ))}
        </div>
      )}
      <Reason value={reason} onChange={setReason} usual={WHY_EDIT} />
      {some && <Refusal problem={preview.problem} />}
      {seen && !preview.problem && <Seen seen={seen} order={order} busy={preview.pending} />}
    </Dialog>
  );
}

function Seen({ seen, order, busy }: { seen: ChangePreview; order: Order; busy: boolean }) {
  const title = (line: number) =>
    (seen.lines.find((each) => each.line_no === line) ?? order.lines.find((each) => each.line_no === line))?.title ?? `Line ${line}`;
  const { money: paid, currency } = seen;
  const dates = seen.promises.filter((each) => each.before !== each.after);
  return (
    <section className={styles.preview} aria-live="polite" aria-busy={busy}>
      <h3>What will happen</h3>
      <ul>
        {seen.problems.map((each) => (
          <li key={each} data-tone="bad">
            {each}
          </li>
        ))}
        <li>
          <span>To pay in the end</span>
          <span className="num">
            {money(paid.payable_before, currency)} → <b>{money(paid.payable_after, currency)}</b>
          </span>
        </li>
        {paid.tax_before !== paid.tax_after && (
          <li>
            <span>Tax in it</span>
            <span className="num">
              {money(paid.tax_before, currency)} → {money(paid.tax_after, currency)}
            </span>
          </li>
        )}
        {paid.to_ask > 0 && (
          <li data-tone="warn">
            <span>Not covered: the order waits for it</span>
            <b className="num">{money(paid.to_ask, currency)}</b>
          </li>
        )}
        {paid.refunds.map((each, place) => (
          <li key={place} data-tone="good">
            <span>Given back by {each.method}</span>
            <b className="num">{money(each.amount, currency)}</b>
          </li>
        ))}
        {paid.let_go > 0 && (
          <li>
            <span>Authorised and let go</span>
            <span className="num">{money(paid.let_go, currency)}</span>
          </li>
        )}
        {seen.missing.map((each) => (
          <li key={each.line_no} data-tone="warn">
            <span>{title(each.line_no)}: not in stock, has to wait</span>
            <b>{units(each.quantity)}</b>
          </li>
        ))}
        {dates.map((each) => (
          <li key={each.group}>
            <span>{seen.promises.length > 1 ? `Delivery ${each.group}` : "Delivery"} promised by</span>
            <span>
              {each.before ? day(each.before) : "no date"} → <b>{each.after ? day(each.after) : "no date"}</b>
            </span>
          </li>
        ))}
        {seen.recalls.map((each) => (
          <li key={each.number} data-tone={each.at_once ? undefined : "warn"}>
            <span>
              {each.number} at {each.location} is asked back
            </span>
            <span>{each.at_once ? "at once" : "the change waits for its answer"}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
