// What a location does with its work, except packing.

import { TextInput } from "@mantine/core";
import { useState } from "react";
import type { Order, Work } from "../../api/types";
import { plural, units, weight } from "../../words/format";
import { Dialog, useSubmit } from "./Dialog";
import { Reason, WHY_REJECT } from "./Reason";
import { UnitsField } from "./UnitsTable";
import styles from "./Dialog.module.css";

export interface LocationProps {
  order: Order;
  work: Work;
  close: () => void;
}

export const pathOf = (work: Work, step: string): string => `/fulfillment-orders/${work.id}/${step}`;

export function Accept({ order, work, close }: LocationProps) {
  const submit = useSubmit(order.number, `${work.location.name} has accepted`, close);
  const sum = work.lines.reduce((total, line) => total + line.to_pick, 0);
  return (
    <Dialog title={`Accept ${work.number}`} word="Accept" close={close} submit={submit} onSubmit={() => submit.send(pathOf(work, "accept"))}>
      <p>
        {work.location.name} takes the work: {units(sum)} in {plural(work.lines.length, "line")}.
      </p>
    </Dialog>
  );
}

export function Reject({ order, work, close }: LocationProps) {
  const submit = useSubmit(order.number, `${work.location.name} has rejected`, close);
  const [reason, setReason] = useState("");
  return (
    <Dialog
      title={`Reject ${work.number}`}
      word="Reject"
      danger
      close={close}
      submit={submit}
      ready={reason.trim() !== ""}
      onSubmit={() => submit.send(pathOf(work, "reject"), { reason: reason.trim() })}
    >
      <p className="dim">
        Its units get another location; {work.location.name} is left out for a time.
        {work.method === "pickup" && " A pick-up has no other location: a person is told."}
      </p>
      <Reason value={reason} onChange={setReason} usual={WHY_REJECT} autoFocus />
    </Dialog>
  );
}

interface Picked {
  picked: number;
  short: number;
}

/** What was taken off the shelf, and what is not there. */
export function Pick({ order, work, close }: LocationProps) {
  const submit = useSubmit(order.number, "Picked", close);
  const open = work.lines.filter((line) => line.to_pick > 0);
  const [found, setFound] = useState<Record<number, Picked>>(() =>
    Object.fromEntries(open.map((line) => [line.line_no, { picked: line.to_pick, short: 0 }])),
  );
  const of = (line: number): Picked => found[line] ?? { picked: 0, short: 0 };
  const set = (line: number, change: Partial<Picked>) => setFound({ ...found, [line]: { ...of(line), ...change } });
  const lines = open
    .map((line) => ({ line: line.line_no, ...of(line.line_no) }))
    .filter(({ picked, short }) => picked > 0 || short > 0);
  const tooMany = open.filter((line) => of(line.line_no).picked + of(line.line_no).short > line.to_pick);
  const short = lines.reduce((sum, each) => sum + each.short, 0);
  return (
    <Dialog
      title={`Pick ${work.number}`}
      word={short ? "Record picks and missing units" : "Record picks"}
      wide
      close={close}
      submit={submit}
      ready={lines.length > 0 && !tooMany.length}
      onSubmit={() => submit.send(pathOf(work, "pick"), { lines })}
    >
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">To pick</th>
            <th scope="col">Picked</th>
            <th scope="col">Missing</th>
          </tr>
        </thead>
        <tbody>
          {open.map((line) => (
            <tr key={line.line_no}>
              <td>
                {line.title || line.sku}
                <div className="dim mono">{line.sku}</div>
              </td>
              <td className="num">{line.to_pick}</td>
              <td className={styles.field}>
                <UnitsField
                  label={`Picked: ${line.title}`}
                  value={of(line.line_no).picked}
                  most={line.to_pick}
                  onChange={(picked) => set(line.line_no, { picked })}
                />
              </td>
              <td className={styles.field}>
                <UnitsField
                  label={`Missing: ${line.title}`}
                  value={of(line.line_no).short}
                  most={line.to_pick}
                  onChange={(missing) =>
                    set(line.line_no, {
                      short: missing,
                      picked: Math.max(0, Math.min(of(line.line_no).picked, line.to_pick - (missing || 0))),
                    })
                  }
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {tooMany.map((line) => (
        <p key={line.line_no} role="alert" style={{ color: "var(--bad-text)" }}>
          {line.title}: more than the {units(line.to_pick)} to pick.
        </p>
      ))}
      {short > 0 && (
        <p className={styles.preview}>
          Missing at {work.location.name} from now on: {units(short)}. A count is asked for there, and the order is
          served from elsewhere.
        </p>
      )}
    </Dialog>
  );
}

/** Labels are bought for every package; with the last one the goods have left. */
export function Ship({ order, work, close }: LocationProps) {
  const submit = useSubmit(order.number, "Labels are being bought", close);
  const [service, setService] = useState("");
  const packages = work.packages.filter((each) => !each.voided);
  return (
    <Dialog
      title={`Ship ${work.number}`}
      word="Buy labels and ship"
      close={close}
      submit={submit}
      onSubmit={() => submit.send(pathOf(work, "ship"), service.trim() ? { service: service.trim() } : {})}
    >
      <ul>
        {packages.map((each) => (
          <li key={each.id}>
            Package {each.number}: {weight(each.weight_g)}, {units(each.lines.reduce((sum, [, units]) => sum + units, 0))}
          </li>
        ))}
      </ul>
      <TextInput
        label="Service"
        description="Leave it empty for the one that was planned"
        value={service}
        onChange={(event) => setService(event.currentTarget.value)}
        maxLength={80}
        spellCheck={false}
      />
    </Dialog>
  );
}

export function HandOver({ order, work, close }: LocationProps) {
  const submit = useSubmit(order.number, "Handed over", close);
  const [code, setCode] = useState("");
  return (
    <Dialog
      title={`Hand over ${work.number}`}
      word="Hand over"
      close={close}
      submit={submit}
      ready={/^\d{6}$/.test(code)}
      onSubmit={() => submit.send(pathOf(work, "hand-over"), { code })}
    >
      <TextInput
        label="Pick-up code"
        description="Six digits that the customer shows"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value.replaceAll(/\D/g, "").slice(0, 6))}
        inputMode="numeric"
        autoComplete="off"
        data-autofocus
      />
    </Dialog>
  );
}

export function AnswerRecall({ order, work, close }: LocationProps) {
  const [accepted, setAccepted] = useState<boolean | null>(null);
  const submit = useSubmit(order.number, accepted ? "The units come back" : "The recall was refused", close);
  const [reason, setReason] = useState("");
  const back = work.lines.filter((line) => line.cancel_requested > 0);
  return (
    <Dialog
      title={`Answer the recall of ${work.number}`}
      word="Answer"
      close={close}
      submit={submit}
      ready={accepted !== null && (accepted || reason.trim() !== "")}
      onSubmit={() => submit.send(pathOf(work, "answer-recall"), { accepted, reason: reason.trim() })}
    >
      <ul>
        {back.map((line) => (
          <li key={line.line_no}>
            {units(line.cancel_requested)} of {line.title || line.sku}
          </li>
        ))}
      </ul>
      <div className={styles.choices} role="radiogroup" aria-label="Answer">
        <label>
          <input type="radio" name="answer" checked={accepted === true} onChange={() => setAccepted(true)} /> Give them back
        </label>
        <label>
          <input type="radio" name="answer" checked={accepted === false} onChange={() => setAccepted(false)} /> Too late
        </label>
      </div>
      <Reason
        label={accepted === false ? "Reason" : "Reason (may be left out)"}
        value={reason}
        onChange={setReason}
        usual={["Already with the carrier", "Back on the shelf"]}
        required={accepted === false}
      />
    </Dialog>
  );
}
