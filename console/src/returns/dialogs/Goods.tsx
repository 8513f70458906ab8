// What a location does with goods that come back: take them in, look at them, put them away.

import { Input, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "../../api/may";
import { locationsQuery } from "../../api/returnQueries";
import type { Grade, Grading, Return } from "../../api/returnTypes";
import { Dialog, useReturnSubmit } from "../../orders/dialogs/Dialog";
import { asked, type Chosen, UnitsField, UnitsTable } from "../../orders/dialogs/UnitsTable";
import { DISPOSITION, GRADE } from "../../words/afterSales";
import { plural, units } from "../../words/format";
import { choicesOf } from "./lines";
import styles from "../../orders/dialogs/Dialog.module.css";

interface AboutReturn {
  rma: Return;
  close: () => void;
}

export function Receive({ rma, close }: AboutReturn) {
  const submit = useReturnSubmit(rma, `Goods of ${rma.number} came in`, close);
  const choices = choicesOf(rma, (line) => line.expected);
  const [chosen, setChosen] = useState<Chosen>(() => Object.fromEntries(choices.map((each) => [each.line, each.most])));
  const [location, setLocation] = useState(rma.location ?? "");
  const lines = asked(chosen);
  return (
    <Dialog
      title={`Receive ${rma.number}`}
      word="They came in"
      wide
      close={close}
      submit={submit}
      ready={lines.length > 0 && location.trim() !== ""}
      onSubmit={() => submit.send(`/returns/${rma.id}/receive`, { location: location.trim(), lines })}
    >
      <p className="dim">The goods lie in quarantine until they are graded and put away.</p>
      <Where value={location} onChange={setLocation} />
      <UnitsTable choices={choices} chosen={chosen} onChange={setChosen} word="Came in" of="Expected" />
    </Dialog>
  );
}

const GRADES: [Grade, string][] = [
  ["A", "as new"],
  ["B", "used"],
  ["C", "damaged"],
  ["scrap", "worth nothing"],
];

const PUT_AWAY = [
  { value: "", label: "Decide later" },
  ...Object.entries(DISPOSITION).map(([value, label]) => ({ value, label })),
];

export function GradeGoods({ rma, close }: AboutReturn) {
  const submit = useReturnSubmit(rma, "Graded", close);
  const choices = choicesOf(rma, (line) => line.received - line.graded);
  const [line, setLine] = useState(choices[0]?.line ?? 0);
  const [quantity, setQuantity] = useState(1);
  const [grade, setGrade] = useState<Grade>("A");
  const [disposition, setDisposition] = useState("");
  const [note, setNote] = useState("");
  const [location, setLocation] = useState(rma.receipts.at(-1)?.location ?? rma.location ?? "");
  const most = choices.find((each) => each.line === line)?.most ?? 0;
  return (
    <Dialog
      title={`Grade ${rma.number}`}
      word={`Grade ${plural(quantity || 0, "unit")}`}
      wide
      close={close}
      submit={submit}
      ready={quantity > 0 && quantity <= most && location.trim() !== ""}
      onSubmit={() =>
        submit.send(`/returns/${rma.id}/grade`, {
          location: location.trim(),
          line,
          quantity,
          grade,
          note: note.trim(),
          ...(disposition ? { disposition } : {}),
        })
      }
    >
      <NativeSelect
        label="Item"
        value={String(line)}
        onChange={(event) => {
          setLine(Number(event.currentTarget.value));
          setQuantity(1);
        }}
        data={choices.map((each) => ({ value: String(each.line), label: `${each.title || each.sku} (${units(each.most)})` }))}
      />
      <div className={styles.two}>
        <div>
          <Input.Label component="div">Units of {most}</Input.Label>
          <UnitsField label="Units" value={quantity} least={1} most={most} onChange={setQuantity} />
        </div>
        <Where value={location} onChange={setLocation} />
      </div>
      <div className={styles.choices} role="radiogroup" aria-label="Grade">
        {GRADES.map(([value, meaning]) => (
          <label key={value}>
            <input type="radio" name="grade" checked={grade === value} onChange={() => setGrade(value)} />
            <span>
              <strong>{GRADE[value].word}</strong> <span className="dim">{meaning}</span>
            </span>
          </label>
        ))}
      </div>
      <NativeSelect
        label="What becomes of them"
        value={disposition}
        onChange={(event) => setDisposition(event.currentTarget.value)}
        data={PUT_AWAY}
      />
      <Textarea label="Note (if you like)" value={note} onChange={(event) => setNote(event.currentTarget.value)} maxLength={2000} autosize minRows={2} />
    </Dialog>
  );
}

export function Dispose({ rma, grading, close }: AboutReturn & { grading: Grading }) {
  const submit = useReturnSubmit(rma, "The stock is moved", close);
  const [disposition, setDisposition] = useState(grading.disposition ?? "restock");
  return (
    <Dialog
      title={`Put away ${units(grading.units)}, grade ${GRADE[grading.grade]?.word ?? grading.grade}`}
      word="Put away"
      close={close}
      submit={submit}
      onSubmit={() => submit.send(`/returns/${rma.id}/gradings/${grading.id}/dispose`, { disposition })}
    >
      <NativeSelect
        label="What becomes of them"
        value={disposition}
        onChange={(event) => setDisposition(event.currentTarget.value)}
        data={PUT_AWAY.slice(1)}
      />
      <p className="dim">Refurbish and repair keep them in quarantine until something else becomes of them.</p>
    </Dialog>
  );
}

/** A location, chosen among those where one works; typed by whoever may not read them. */
function Where({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  const { has, session } = useMay();
  const may = has("locations:read");
  const found = useQuery({ ...locationsQuery, enabled: may }).data?.data ?? [];
  const own = found.filter((each) => session.location_ids?.includes(each.id) ?? true);
  if (!may || !own.length) {
    return <TextInput label="Location" value={value} onChange={(event) => onChange(event.currentTarget.value)} maxLength={80} required withAsterisk={false} />;
  }
  return (
    <NativeSelect
      label="Location"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        ...(own.some((each) => each.code === value) ? [] : [{ value, label: value || "Choose…" }]),
        ...own.map((each) => ({ value: each.code, label: `${each.name} (${each.code})` })),
      ]}
    />
  );
}
