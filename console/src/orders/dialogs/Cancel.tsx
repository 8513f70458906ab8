import { useState } from "react";
import type { CancelPreview, Line, Order, Units } from "../../api/types";
import { Refusal } from "../../ui/Notice";
import { count, money } from "../../words/format";
import type { Tone } from "../../words/status";
import { Dialog, useSubmit } from "./Dialog";
import { Reason, WHY_CANCEL } from "./Reason";
import { asked, UnitsTable, type Chosen } from "./UnitsTable";
import { usePreview } from "./usePreview";
import styles from "./Dialog.module.css";

const held = (line: Line): number => line.ordered - line.buckets.shipped - line.buckets.cancelled;

/** Cancel all or some units; what becomes of units and money is shown before it is done. */
export function Cancel({ order, close }: { order: Order; close: () => void }) {
  const submit = useSubmit(order.number, `Cancelled in ${order.number}`, close);
  const lines = order.lines.filter((line) => held(line) > 0);
  const [chosen, setChosen] = useState<Chosen>(() => Object.fromEntries(lines.map((line) => [line.line_no, held(line)])));
  const [reason, setReason] = useState("");
  const all = lines.every((line) => chosen[line.line_no] === held(line));
  const some = asked(chosen);
  const wanted = all ? {} : { lines: some };
  const path = `/orders/${order.id}/cancel`;
  const preview = usePreview<CancelPreview>(`${path}/preview`, { ...wanted, reason: "preview", version: order.version }, some.length > 0);
  const seen = some.length ? preview.data : undefined;
  return (
    <Dialog
      title={`Cancel ${order.number}`}
      word={all ? "Cancel all of it" : "Cancel these units"}
      danger
      wide
      close={close}
      submit={submit}
      ready={some.length > 0 && preview.current && !seen?.too_late.length && reason.trim() !== ""}
      onSubmit={() => submit.send(path, { ...wanted, reason: reason.trim(), version: order.version })}
    >
      <UnitsTable
        choices={lines.map((line) => ({ line: line.line_no, title: line.title, sku: line.sku, most: held(line) }))}
        chosen={chosen}
        onChange={setChosen}
        word="Cancel"
        of="Not shipped"
      />
      <Reason value={reason} onChange={setReason} usual={WHY_CANCEL} autoFocus />
      <Refusal problem={preview.problem} />
      {seen && (
        <section className={styles.preview} aria-live="polite" aria-busy={preview.pending}>
          <h3>What will happen</h3>
          <ul>
            <Part tone="good" word="Cancelled at once" units={seen.now} />
            <Part tone="warn" word="Asked back from locations; they may say no" units={seen.recall} />
            <Part tone="bad" word="Shipped or cancelled already" units={seen.too_late} />
          </ul>
          <dl>
            <div>
              <dt>Need not be paid</dt>
              <dd className="num">{money(seen.value, seen.currency)}</dd>
            </div>
            <div>
              <dt>Left to ship and to be paid</dt>
              <dd className="num">{money(seen.still_due, seen.currency)}</dd>
            </div>
          </dl>
        </section>
      )}
    </Dialog>
  );
}

function Part({ tone, word, units }: { tone: Tone; word: string; units: Units[] }) {
  const sum = units.reduce((total, each) => total + each.quantity, 0);
  if (!sum) return null;
  return (
    <li data-tone={tone}>
      <span>{word}</span>
      <b className="num">{count(sum)}</b>
    </li>
  );
}
