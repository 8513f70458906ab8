// A line that says what was done, for a few seconds; screen readers hear it.

import { useEffect, useSyncExternalStore } from "react";
import { CheckIcon } from "./icons";
import styles from "./toast.module.css";

let shown: { text: string; at: number } | null = null;
const watching = new Set<() => void>();

export function say(text: string): void {
  shown = { text, at: Date.now() };
  for (const tell of watching) tell();
}

function clear(): void {
  shown = null;
  for (const tell of watching) tell();
}

function watch(tell: () => void): () => void {
  watching.add(tell);
  return () => watching.delete(tell);
}

export function Toast() {
  const current = useSyncExternalStore(watch, () => shown);
  useEffect(() => {
    if (!current) return;
    const timer = setTimeout(clear, 4000);
    return () => clearTimeout(timer);
  }, [current]);
  return (
    <div role="status" aria-live="polite" className={styles.place}>
      {current && (
        <div key={current.at} className={styles.toast}>
          <CheckIcon />
          {current.text}
        </div>
      )}
    </div>
  );
}
