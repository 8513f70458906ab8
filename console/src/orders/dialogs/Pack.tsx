import { Button, CloseButton, TextInput } from "@mantine/core";
import { useState } from "react";
import type { WorkLine } from "../../api/types";
import { Dialog, useSubmit } from "./Dialog";
import { pathOf, type LocationProps } from "./Location";
import { asked, UnitsTable, type Chosen } from "./UnitsTable";
import styles from "./Dialog.module.css";

interface Box {
  key: number;
  weight: string;
  sides: [string, string, string];
  lines: Chosen;
}

const SIDES = ["Length", "Width", "Height"] as const;

/** Picked units go into packages; each package gets its own label. */
export function Pack({ order, work, close }: LocationProps) {
  const submit = useSubmit(order.number, "Packed", close);
  const picked = work.lines.filter((line) => line.picked > 0);
  const [boxes, setBoxes] = useState<Box[]>(() => [empty(1, Object.fromEntries(picked.map((line) => [line.line_no, line.picked])))]);
  const change = (key: number, made: Partial<Box>) =>
    setBoxes(boxes.map((box) => (box.key === key ? { ...box, ...made } : box)));
  const left = (line: WorkLine) => line.picked - boxes.reduce((sum, box) => sum + (box.lines[line.line_no] || 0), 0);
  const tooMany = picked.filter((line) => left(line) < 0);
  const packages = boxes.map((box) => ({ weight_g: Number(box.weight), ...sidesOf(box), lines: asked(box.lines) }));
  const ready = !tooMany.length && packages.every((each, n) => each.lines.length > 0 && boxes[n]?.weight !== "");
  const add = () => {
    const rest = Object.fromEntries(picked.map((line) => [line.line_no, Math.max(0, left(line))]));
    setBoxes([...boxes, empty((boxes.at(-1)?.key ?? 0) + 1, rest)]);
  };
  return (
    <Dialog
      title={`Pack ${work.number}`}
      word={boxes.length > 1 ? `Pack ${boxes.length} packages` : "Pack"}
      wide
      close={close}
      submit={submit}
      ready={ready}
      onSubmit={() => submit.send(pathOf(work, "pack"), { packages })}
    >
      {boxes.map((box, n) => (
        <section key={box.key} className={styles.box}>
          <header>
            <strong>Package {n + 1}</strong>
            {boxes.length > 1 && (
              <CloseButton
                aria-label={`Leave out package ${n + 1}`}
                onClick={() => setBoxes(boxes.filter((each) => each.key !== box.key))}
              />
            )}
          </header>
          <UnitsTable
            choices={picked.map((line) => ({ line: line.line_no, title: line.title, sku: line.sku, most: line.picked }))}
            chosen={box.lines}
            onChange={(lines) => change(box.key, { lines })}
            word="In it"
            of="Picked"
          />
          <TextInput
            label="Weight in grams"
            type="number"
            inputMode="numeric"
            min={0}
            max={100_000_000}
            required
            withAsterisk={false}
            value={box.weight}
            onChange={(event) => change(box.key, { weight: event.currentTarget.value })}
            {...(n === 0 ? { "data-autofocus": true } : {})}
          />
          <p className="dim">Size in millimetres, if it was measured</p>
          <div className={styles.three}>
            {SIDES.map((side, at) => (
              <TextInput
                key={side}
                label={side}
                type="number"
                inputMode="numeric"
                min={1}
                max={100_000}
                value={box.sides[at]}
                onChange={(event) => change(box.key, { sides: box.sides.with(at, event.currentTarget.value) as Box["sides"] })}
              />
            ))}
          </div>
        </section>
      ))}
      {tooMany.map((line) => (
        <p key={line.line_no} role="alert" style={{ color: "var(--bad-text)" }}>
          {line.title}: {-left(line)} more than were picked.
        </p>
      ))}
      <Button variant="default" onClick={add} disabled={picked.reduce((sum, line) => sum + line.picked, 0) <= boxes.length}>
        Another package
      </Button>
    </Dialog>
  );
}

const empty = (key: number, lines: Chosen): Box => ({ key, weight: "", sides: ["", "", ""], lines });

/** A size counts only with all three sides. */
function sidesOf(box: Box): Record<string, number> {
  if (!box.sides.every(Boolean)) return {};
  const [length_mm, width_mm, height_mm] = box.sides.map(Number) as [number, number, number];
  return { length_mm, width_mm, height_mm };
}
