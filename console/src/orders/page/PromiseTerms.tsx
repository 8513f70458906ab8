// How a promise came to be: each day, and the closed days that were stepped over.

import { day } from "../../words/format";
import { plural } from "../../words/format";
import styles from "./PromiseTerms.module.css";

interface Term {
  step: string;
  on: string;
  working_days: number;
  passed_over: string[];
}

interface Promised {
  start?: string;
  terms?: Term[];
}

const STEPS: Record<string, string> = {
  begun: "Work begins",
  shipped: "Leaves the location",
  collected: "With the carrier",
  delivered_from: "Arrives from",
  delivered_by: "Arrives by",
};

const STARTS: Record<string, string> = {
  in_time: "The order came before the cut-off.",
  after_cut_off: "The order came after the cut-off of that day.",
  closed: "The order came on a day on which the location is closed.",
};

export function PromiseTerms({ promise }: { promise: Record<string, unknown> | null }) {
  const found = promised(promise);
  if (!found.length) return null;
  return (
    <details className={styles.details}>
      <summary>How it was made</summary>
      {found.map((each, n) => (
        <div key={n} className={styles.parcel}>
          {found.length > 1 && <strong>Parcel {n + 1}</strong>}
          {each.start && <p className="dim">{STARTS[each.start] ?? each.start}</p>}
          <ol>
            {(each.terms ?? []).map((term) => (
              <li key={term.step}>
                <span>{STEPS[term.step] ?? term.step}</span>
                <span>{day(term.on)}</span>
                <span className="dim">{gap(term)}</span>
              </li>
            ))}
          </ol>
        </div>
      ))}
    </details>
  );
}

function gap({ working_days, passed_over }: Term): string {
  const days = working_days ? `+ ${plural(working_days, "working day")}` : "same day";
  return passed_over.length ? `${days}, closed ${passed_over.map(day).join(", ")}` : days;
}

/** Orders that ship keep a promise per parcel, pick-ups one for the day on which they are ready. */
function promised(promise: Record<string, unknown> | null): Promised[] {
  if (!promise) return [];
  if (Array.isArray(promise.parcels)) return promise.parcels as Promised[];
  return promise.pickup ? [promise.pickup as Promised] : [];
}
