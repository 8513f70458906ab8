// Placing a hold, and settling holds and exceptions.

import { Checkbox, NativeSelect } from "@mantine/core";
import { useState } from "react";
import type { Hold, Order, OrderException } from "../../api/types";
import { sentence } from "../../words/status";
import { Dialog, useSubmit } from "./Dialog";
import { Reason, WHY_RESOLVED } from "./Reason";
import styles from "./Dialog.module.css";

const KINDS = ["manual", "address", "fraud", "payment", "totals", "currency"];
const BLOCKS: [string, string][] = [
  ["route", "Choosing locations"],
  ["release", "Release"],
  ["ship", "Shipping"],
];

export function PlaceHold({ order, close }: { order: Order; close: () => void }) {
  const submit = useSubmit(order.number, `${order.number} is on hold`, close);
  const [kind, setKind] = useState("manual");
  const [line, setLine] = useState("");
  const [reason, setReason] = useState("");
  const [blocks, setBlocks] = useState(() => BLOCKS.map(([name]) => name));
  const toggle = (name: string) =>
    setBlocks((now) => (now.includes(name) ? now.filter((each) => each !== name) : [...now, name]));
  const body = { kind, reason: reason.trim(), blocks, ...(line ? { line: Number(line) } : {}) };
  return (
    <Dialog
      title={`Hold ${order.number}`}
      word="Put on hold"
      close={close}
      submit={submit}
      ready={reason.trim() !== "" && blocks.length > 0}
      onSubmit={() => submit.send(`/orders/${order.id}/holds`, body)}
    >
      <Reason value={reason} onChange={setReason} autoFocus />
      <div className={styles.two}>
        <NativeSelect
          label="Kind"
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value)}
          data={KINDS.map((value) => ({ value, label: sentence(value) }))}
        />
        <NativeSelect
          label="About"
          value={line}
          onChange={(event) => setLine(event.currentTarget.value)}
          data={[
            { value: "", label: "The whole order" },
            ...order.lines.map((each) => ({ value: String(each.line_no), label: `${each.line_no}: ${each.title || each.sku}` })),
          ]}
        />
      </div>
      <Checkbox.Group label="It stops" value={blocks}>
        <div className={styles.checks}>
          {BLOCKS.map(([name, word]) => (
            <Checkbox key={name} value={name} label={word} onChange={() => toggle(name)} />
          ))}
        </div>
      </Checkbox.Group>
    </Dialog>
  );
}

export function ResolveHold({ order, hold, close }: { order: Order; hold: Hold; close: () => void }) {
  const submit = useSubmit(order.number, "Hold resolved", close);
  const [resolution, setResolution] = useState("");
  return (
    <Dialog
      title="Resolve the hold"
      word="Resolve"
      close={close}
      submit={submit}
      ready={resolution.trim() !== ""}
      onSubmit={() => submit.send(`/orders/${order.id}/holds/${hold.id}/resolve`, { resolution: resolution.trim() })}
    >
      <p>
        <strong>{sentence(hold.kind)}</strong>: {hold.reason}
      </p>
      <p className="dim">What it stops goes on by itself: {hold.blocks.join(", ")}.</p>
      <Reason label="What was found or done" value={resolution} onChange={setResolution} usual={WHY_RESOLVED} autoFocus />
    </Dialog>
  );
}

interface ResolveExceptionProps {
  order: Order;
  exception: OrderException;
  close: () => void;
}

export function ResolveException({ order, exception, close }: ResolveExceptionProps) {
  const submit = useSubmit(order.number, "Exception resolved", close);
  const [resolution, setResolution] = useState("");
  return (
    <Dialog
      title="Resolve the exception"
      word="Resolve"
      close={close}
      submit={submit}
      ready={resolution.trim() !== ""}
      onSubmit={() => submit.send(`/exceptions/${exception.id}/resolve`, { resolution: resolution.trim() })}
    >
      <p>
        <strong>{sentence(exception.kind)}</strong>: {exception.cause}
      </p>
      {exception.suggestion && <p className="dim">Suggested: {exception.suggestion}</p>}
      <Reason label="What was found or done" value={resolution} onChange={setResolution} usual={WHY_RESOLVED} autoFocus />
    </Dialog>
  );
}
