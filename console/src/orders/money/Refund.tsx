import { TextInput } from "@mantine/core";
import { useState } from "react";
import { freshKey } from "../../api/client";
import type { Payments, RefundPreview } from "../../api/moneyTypes";
import type { Order } from "../../api/types";
import { Refusal } from "../../ui/Notice";
import { minor, money } from "../../words/format";
import { sentence } from "../../words/status";
import { Dialog, useSubmit } from "../dialogs/Dialog";
import { Reason } from "../dialogs/Reason";
import { usePreview } from "../dialogs/usePreview";
import styles from "../dialogs/Dialog.module.css";

const WAYS: [string, string][] = [
  ["original", "To where it came from"],
  ["store_credit", "As store credit"],
  ["elsewhere", "It was given back elsewhere"],
];
const WHY = ["Agreed with the buyer", "Charged too much", "Late delivery", "Damaged on the way"];

interface RefundProps {
  order: Order;
  payments: Payments;
  close: () => void;
}

/** Money back; which tender gets how much is shown before it is done. */
export default function Refund({ order, payments, close }: RefundProps) {
  const submit = useSubmit(order.number, `Refund for ${order.number} is on its way`, close);
  // One subject for as long as the dialog is open: sent twice it is still one refund.
  const [subject] = useState(() => `console ${freshKey()}`);
  const [text, setText] = useState("");
  const [to, setTo] = useState("original");
  const [reason, setReason] = useState("");
  const amount = minor(text, order.currency);
  const asked = amount !== null && amount > 0;
  const body = { subject, amount: amount ?? 0, to, reason: reason.trim() };
  const path = `/orders/${order.id}/refunds`;
  const preview = usePreview<RefundPreview>(`${path}/preview`, { ...body, reason: "" }, asked);
  const seen = asked ? preview.data : undefined;
  const ways = order.customer.id ? WAYS : WAYS.filter(([way]) => way !== "store_credit");
  return (
    <Dialog
      title={`Refund for ${order.number}`}
      word={seen && amount ? `Refund ${money(amount, order.currency)}` : "Refund"}
      wide
      close={close}
      submit={submit}
      ready={asked && preview.current && amount <= (seen?.refundable ?? 0) && reason.trim() !== ""}
      onSubmit={() => submit.send(path, body)}
    >
      <p className="dim">Up to {money(payments.refundable, order.currency)} was taken and not given back.</p>
      <TextInput
        label={`Amount in ${order.currency}`}
        inputMode="decimal"
        autoComplete="off"
        data-autofocus
        value={text}
        error={text.trim() !== "" && amount === null ? "An amount like 12.50" : undefined}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={styles.choices} role="radiogroup" aria-label="Where it goes">
        {ways.map(([value, label]) => (
          <label key={value}>
            <input type="radio" name="to" checked={to === value} onChange={() => setTo(value)} />
            {label}
          </label>
        ))}
      </div>
      <Reason value={reason} onChange={setReason} usual={WHY} />
      {asked && <Refusal problem={preview.problem} />}
      {seen && !preview.problem && (
        <section className={styles.preview} aria-live="polite" aria-busy={preview.pending} aria-label="What will happen">
          <h3>What will happen</h3>
          <ul>
            {seen.parts.map((part) => (
              <li key={part.payment_id + part.provider}>
                <span>{to === "original" ? tender(part, payments) : `Of ${tender(part, payments)}`}</span>
                <b className="num">{money(part.amount, seen.currency)}</b>
              </li>
            ))}
            {seen.missing > 0 && (
              <li data-tone="warn">
                <span>To be given back elsewhere, by hand</span>
                <b className="num">{money(seen.missing, seen.currency)}</b>
              </li>
            )}
          </ul>
          <dl>
            <div>
              <dt>Left to give back after it</dt>
              <dd className="num">{money(Math.max(seen.refundable - (amount ?? 0), 0), seen.currency)}</dd>
            </div>
          </dl>
        </section>
      )}
    </Dialog>
  );
}

function tender(part: RefundPreview["parts"][number], payments: Payments): string {
  const found = payments.payments.find((each) => each.id === part.payment_id);
  return found ? `${sentence(found.method)} · ${found.provider}` : part.provider;
}
