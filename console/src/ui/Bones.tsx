import styles from "./Frame.module.css";

/** The shape of a list while it is on its way. */
export function Bones({ label, rows = 6 }: { label: string; rows?: number }) {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, n) => (
        <div key={n} className={styles.bone}>
          <i style={{ width: `${12 + ((n * 7) % 6)}%` }} />
          <i style={{ width: `${24 + ((n * 13) % 14)}%` }} />
          <i style={{ width: `${9 + ((n * 3) % 5)}%`, marginLeft: "auto" }} />
        </div>
      ))}
    </div>
  );
}
