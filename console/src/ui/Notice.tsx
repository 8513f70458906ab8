// What a page shows where there is nothing, or something went wrong.

import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Problem } from "../api/client";
import styles from "./Notice.module.css";

export function Notice({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.notice}>
      <h2>{title}</h2>
      {children && <p className="dim">{children}</p>}
      {action}
    </div>
  );
}

export function Failed({ error, retry }: { error: Error; retry: () => void }) {
  const status = error instanceof Problem ? error.status : null;
  const title = status === 403 ? "You may not see this" : status === 404 ? "Not found" : "This could not be loaded";
  return (
    <div role="alert">
      <Notice
        title={title}
        action={
          status === 403 || status === 404 ? undefined : (
            <Button variant="default" onClick={retry}>
              Try again
            </Button>
          )
        }
      >
        {error.message}
      </Notice>
    </div>
  );
}

/** What the server said no to, inside a form. */
export function Refusal({ problem }: { problem: Problem | null }) {
  if (!problem) return null;
  return (
    <div role="alert" className={styles.refusal} data-tone="bad">
      <p>
        {problem.message}
        {problem.unanswered && " Nothing is lost: send it again, it can't be done twice."}
      </p>
      {problem.field && problem.fields.length === 0 && (
        <p className={styles.field}>
          Field: <span className="mono">{problem.field}</span>
        </p>
      )}
      {problem.fields.length > 0 && (
        <ul>
          {problem.fields.map((each) => (
            <li key={each.field + each.detail} className={styles.field}>
              <span className="mono">{each.field}</span>: {each.detail}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
