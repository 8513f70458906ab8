import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Order } from "../../api/types";
import { minor, money } from "../../words/format";
import { Dialog, useSubmit } from "./Dialog";
import styles from "./Dialog.module.css";

const WHY = [
  { value: "late", label: "Late" },
  { value: "damaged", label: "Damaged" },
  { value: "wrong_item", label: "Wrong item" },
  { value: "poor_service", label: "Poor service" },
  { value: "price", label: "Price" },
  { value: "other", label: "Another reason" },
];

/** Money back out of goodwill: at once within one's limit, else once somebody approves it. */
export function Appease({ order, close }: { order: Order; close: () => void }) {
  const submit = useSubmit(order.number, `Goodwill for ${order.number} is noted`, close);
  const [by, setBy] = useState("amount");
  const [value, setValue] = useState("");
  const [reason, setReason] = useState("late");
  const [note, setNote] = useState("");
  const [to, setTo] = useState("original");
  const amount = by === "amount" ? minor(value, order.currency) : null;
  const percent = by === "percent" && /^\d{1,3}([.,]\d{1,2})?$/.test(value.trim()) ? value.trim().replace(",", ".") : null;
  const left = order.totals.captured - order.totals.refunded;
  const ready = by === "amount" ? amount !== null && amount > 0 && amount <= left : percent !== null && Number(percent) > 0 && Number(percent) <= 100;
  return (
    <Dialog
      title={`Goodwill for ${order.number}`}
      word="Give it"
      close={close}
      submit={submit}
      ready={ready}
      onSubmit={() =>
        submit.send(`/orders/${order.id}/appeasements`, { ...(by === "amount" ? { amount } : { percent }), reason, note: note.trim(), to })
      }
    >
      <p className="dim">Up to {money(left, order.currency)} was paid and not given back. Beyond your limit it waits for approval.</p>
      <div className={styles.two}>
        <NativeSelect
          label="As"
          value={by}
          onChange={(event) => {
            setBy(event.currentTarget.value);
            setValue("");
          }}
          data={[
            { value: "amount", label: `Amount in ${order.currency}` },
            { value: "percent", label: "Percent of the goods" },
          ]}
        />
        <TextInput
          label={by === "amount" ? "Amount" : "Percent"}
          inputMode="decimal"
          required
          withAsterisk={false}
          autoComplete="off"
          data-autofocus
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
      </div>
      <div className={styles.two}>
        <NativeSelect label="Reason" value={reason} onChange={(event) => setReason(event.currentTarget.value)} data={WHY} />
        <NativeSelect
          label="To"
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          data={[
            { value: "original", label: "How it was paid" },
            { value: "store_credit", label: "Store credit" },
          ]}
        />
      </div>
      <TextInput label="Note" value={note} maxLength={1000} onChange={(event) => setNote(event.currentTarget.value)} />
    </Dialog>
  );
}
