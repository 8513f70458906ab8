// Route, release, recall, unpark: what an order may be asked beside edits and holds.

import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Order, Work } from "../../api/types";
import { Dialog, useSubmit } from "./Dialog";
import { Reason, WHY_RECALL } from "./Reason";
import { asked, UnitsTable, type Chosen } from "./UnitsTable";

const SENTENCES = {
  route: {
    title: "Choose locations now",
    text: "All reserved units get a location, the cheapest way that holds the promise.",
    word: "Route now",
    done: "Locations are being chosen",
  },
  release: {
    title: "Release to locations now",
    text: "Planned work is sent to its locations, if nothing stands against it.",
    word: "Release now",
    done: "The work is on its way to its locations",
  },
};

export function Push({ order, what, close }: { order: Order; what: "route" | "release"; close: () => void }) {
  const { title, text, word, done } = SENTENCES[what];
  const submit = useSubmit(order.number, done, close);
  return (
    <Dialog title={title} word={word} close={close} submit={submit} onSubmit={() => submit.send(`/orders/${order.id}/${what}`)}>
      <p>{text}</p>
    </Dialog>
  );
}

/** Ask locations for units back; of one piece of work, or of the whole order. */
export function Recall({ order, work, close }: { order: Order; work: Work | undefined; close: () => void }) {
  const submit = useSubmit(order.number, "Asked back", close);
  const choices = order.lines
    .map((line) => {
      const here = work?.lines.find((each) => each.line_no === line.line_no);
      const most = work
        ? (here?.to_pick ?? 0) + (here?.picked ?? 0) + (here?.packed ?? 0) - (here?.cancel_requested ?? 0)
        : line.buckets.released;
      return { line: line.line_no, title: line.title, sku: line.sku, most };
    })
    .filter((choice) => choice.most > 0);
  const [chosen, setChosen] = useState<Chosen>(() => Object.fromEntries(choices.map((each) => [each.line, each.most])));
  const [reason, setReason] = useState("");
  const lines = asked(chosen);
  const all = !work && choices.every((each) => chosen[each.line] === each.most);
  return (
    <Dialog
      title={work ? `Recall from ${work.location.name}` : `Recall ${order.number}`}
      word="Ask for them back"
      wide
      close={close}
      submit={submit}
      ready={lines.length > 0 && reason.trim() !== ""}
      onSubmit={() => submit.send(`/orders/${order.id}/recall`, { ...(all ? {} : { lines }), reason: reason.trim() })}
    >
      <p className="dim">
        What has not been begun comes back at once; for the rest the location answers, and may say no. The order is on
        hold until that is resolved.
      </p>
      <UnitsTable choices={choices} chosen={chosen} onChange={setChosen} word="Recall" of="There" />
      <Reason value={reason} onChange={setReason} usual={WHY_RECALL} />
    </Dialog>
  );
}

/** Give a parked line the SKU that the channel meant. */
export function Unpark({ order, close }: { order: Order; close: () => void }) {
  const submit = useSubmit(order.number, "The line has its SKU", close);
  const parked = order.lines.filter((line) => line.buckets.parked > 0);
  const [line, setLine] = useState(String(parked[0]?.line_no ?? ""));
  const [sku, setSku] = useState("");
  return (
    <Dialog
      title="Unpark a line"
      word="Use this SKU"
      close={close}
      submit={submit}
      ready={line !== "" && sku.trim() !== ""}
      onSubmit={() => submit.send(`/orders/${order.id}/unpark`, { line: Number(line), sku: sku.trim() })}
    >
      <NativeSelect
        label="Line"
        value={line}
        onChange={(event) => setLine(event.currentTarget.value)}
        data={parked.map((each) => ({ value: String(each.line_no), label: `${each.line_no}: ${each.title || each.sku}` }))}
      />
      <TextInput
        label="SKU of our catalogue"
        value={sku}
        onChange={(event) => setSku(event.currentTarget.value)}
        maxLength={200}
        spellCheck={false}
        data-autofocus
      />
    </Dialog>
  );
}
