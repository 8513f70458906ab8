// Where the units of a line are: a bar in the order of their way, and the numbers.

import type { Line } from "../../api/types";
import { count } from "../../words/format";
import { BUCKETS } from "../../words/status";
import styles from "./BucketBar.module.css";

const ORDERED = Object.keys(BUCKETS) as (keyof typeof BUCKETS)[];

export function BucketBar({ line }: { line: Line }) {
  const found = ORDERED.filter((bucket) => line.buckets[bucket] > 0);
  return (
    <div className={styles.place}>
      <div className={styles.bar} aria-hidden="true">
        {found.map((bucket) => (
          <span
            key={bucket}
            data-tone={BUCKETS[bucket].tone}
            data-hollow={bucket === "cancelled" || undefined}
            style={{ flexGrow: line.buckets[bucket] }}
          />
        ))}
      </div>
      <ul className={styles.legend}>
        {found.map((bucket) => (
          <li key={bucket} data-tone={BUCKETS[bucket].tone}>
            <b className="num">{count(line.buckets[bucket])}</b> {BUCKETS[bucket].word}
            {bucket === "shipped" && after(line)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function after(line: Line): string {
  const said = [
    line.delivered && `${count(line.delivered)} delivered`,
    line.lost && `${count(line.lost)} lost`,
    line.returned && `${count(line.returned)} returned`,
  ].filter(Boolean);
  return said.length ? ` (${said.join(", ")})` : "";
}
