// A person approves, refuses or calls off.

import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import type { Return } from "../../api/returnTypes";
import { Dialog, useReturnSubmit } from "../../orders/dialogs/Dialog";
import { Reason } from "../../orders/dialogs/Reason";
import { asked, type Chosen, UnitsTable } from "../../orders/dialogs/UnitsTable";
import { choicesOf } from "./lines";

interface AboutReturn {
  rma: Return;
  close: () => void;
}

const WHENS = [
  { value: "", label: "As the policy says" },
  { value: "now", label: "At once" },
  { value: "receipt", label: "When the goods came in" },
  { value: "grade", label: "When the goods were graded" },
];

/** Approve all or part, also what the policy refused. */
export function Approve({ rma, close }: AboutReturn) {
  const submit = useReturnSubmit(rma, `Return ${rma.number} approved`, close);
  const choices = choicesOf(rma, (line) => line.requested);
  const [chosen, setChosen] = useState<Chosen>(() => Object.fromEntries(choices.map((each) => [each.line, each.most])));
  const [reason, setReason] = useState("");
  const [when, setWhen] = useState("");
  const lines = asked(chosen);
  const all = choices.every((each) => chosen[each.line] === each.most);
  const refused = rma.status === "refused";
  return (
    <Dialog
      title={`Approve ${rma.number}`}
      word={all ? "Approve" : "Approve these units"}
      wide
      close={close}
      submit={submit}
      ready={lines.length > 0 && (!refused || reason.trim() !== "")}
      onSubmit={() =>
        submit.send(`/returns/${rma.id}/approve`, {
          ...(all ? {} : { lines }),
          ...(when ? { terms: { refund_at: when } } : {}),
          reason: reason.trim(),
          version: rma.version,
        })
      }
    >
      <UnitsTable choices={choices} chosen={chosen} onChange={setChosen} word="Approve" of="Asked for" />
      <NativeSelect label="The money goes back" value={when} onChange={(event) => setWhen(event.currentTarget.value)} data={WHENS} />
      <Reason
        label={refused ? "Reason" : "Reason (if you like)"}
        value={reason}
        onChange={setReason}
        usual={["Goodwill", "Checked with the customer", "Photos are clear"]}
        required={refused}
        autoFocus
      />
    </Dialog>
  );
}

export function Refuse({ rma, close }: AboutReturn) {
  const submit = useReturnSubmit(rma, `Return ${rma.number} refused`, close);
  const [reason, setReason] = useState("");
  return (
    <Dialog
      title={`Refuse ${rma.number}`}
      word="Refuse it"
      danger
      close={close}
      submit={submit}
      ready={reason.trim() !== ""}
      onSubmit={() => submit.send(`/returns/${rma.id}/refuse`, { reason: reason.trim(), version: rma.version })}
    >
      <p className="dim">The customer is told. The units can be asked for again.</p>
      <Reason value={reason} onChange={setReason} usual={["Too late", "Not as described", "Worn or used", "Excluded from returns"]} autoFocus />
    </Dialog>
  );
}

export function CallOff({ rma, close }: AboutReturn) {
  const submit = useReturnSubmit(rma, `Return ${rma.number} called off`, close);
  const [reason, setReason] = useState("");
  return (
    <Dialog
      title={`Call off ${rma.number}`}
      word="Call it off"
      danger
      close={close}
      submit={submit}
      ready={reason.trim() !== ""}
      onSubmit={() => submit.send(`/returns/${rma.id}/cancel`, { reason: reason.trim(), version: rma.version })}
    >
      <Reason value={reason} onChange={setReason} usual={["Customer keeps it", "Opened by mistake"]} autoFocus />
    </Dialog>
  );
}
