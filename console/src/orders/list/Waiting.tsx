import styles from "./OrderList.module.css";

/** The shape of the list while it is on its way. */
export function Waiting({ narrow }: { narrow: boolean }) {
  return (
    <div className={styles.table} role="status" aria-label="Loading orders">
      {Array.from({ length: narrow ? 7 : 14 }, (_, n) => (
        <div key={n} className={styles.bone} style={{ height: narrow ? 84 : 40 }}>
          <i style={{ width: `${9 + ((n * 7) % 4)}%` }} />
          <i style={{ width: `${10 + ((n * 5) % 6)}%` }} />
          <i style={{ width: `${22 + ((n * 13) % 14)}%` }} />
          <i style={{ width: `${8 + ((n * 3) % 5)}%`, marginLeft: "auto" }} />
        </div>
      ))}
    </div>
  );
}
