// Units per line, to choose from: none to the most that there are.

import { TextInput } from "@mantine/core";
import { count } from "../../words/format";
import styles from "./Dialog.module.css";

export interface Choice {
  line: number;
  title: string;
  sku: string;
  most: number;
}

export type Chosen = Record<number, number>;

interface UnitsTableProps {
  choices: Choice[];
  chosen: Chosen;
  onChange: (chosen: Chosen) => void;
  word: string;
  of?: string;
  least?: (line: number) => number;
}

export function UnitsTable({ choices, chosen, onChange, word, of = "Of", least }: UnitsTableProps) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col">{of}</th>
          <th scope="col">{word}</th>
        </tr>
      </thead>
      <tbody>
        {choices.map(({ line, title, sku, most }) => (
          <tr key={line}>
            <td>
              {title || sku}
              <div className="dim mono">{sku}</div>
            </td>
            <td className="num">{count(most)}</td>
            <td className={styles.field}>
              <UnitsField
                label={`${word}: ${title || sku}`}
                value={chosen[line] ?? 0}
                least={least?.(line) ?? 0}
                most={least ? undefined : most}
                onChange={(units) => onChange({ ...chosen, [line]: units })}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface UnitsFieldProps {
  label: string;
  value: number;
  onChange: (units: number) => void;
  least?: number;
  most?: number | undefined;
}

export function UnitsField({ label, value, onChange, least = 0, most }: UnitsFieldProps) {
  return (
    <TextInput
      aria-label={label}
      type="number"
      inputMode="numeric"
      min={least}
      max={most ?? 10_000_000}
      step={1}
      required
      value={Number.isNaN(value) ? "" : value}
      onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
      onFocus={(event) => event.currentTarget.select()}
    />
  );
}

/** What is chosen as the API takes it, without zeros. */
export function asked(chosen: Chosen): { line: number; quantity: number }[] {
  return Object.entries(chosen)
    .filter(([, units]) => units > 0)
    .map(([line, quantity]) => ({ line: Number(line), quantity }));
}
