import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import type { Return, SettlePreview } from "../../api/returnTypes";
import { Dialog, useReturnSubmit } from "../../orders/dialogs/Dialog";
import { usePreview } from "../../orders/dialogs/usePreview";
import { Refusal } from "../../ui/Notice";
import { Sums } from "../page/Side";
import styles from "../../orders/dialogs/Dialog.module.css";

const WHAT = [
  { value: "", label: "What is due by the terms" },
  { value: "receipt", label: "All that came in, graded or not" },
  { value: "now", label: "All that was approved, come in or not" },
];

/** Settle what is due, or sooner; what goes back is shown before it is done. */
export function Settle({ rma, close }: { rma: Return; close: () => void }) {
  const submit = useReturnSubmit(rma, `Return ${rma.number} settled`, close);
  const [at, setAt] = useState("");
  const path = `/returns/${rma.id}/settle`;
  const body = at ? { at } : {};
  const preview = usePreview<SettlePreview>(`${path}/preview`, body);
  const seen = preview.data?.settlements ?? [];
  return (
    <Dialog
      title={`Settle ${rma.number}`}
      word="Settle"
      close={close}
      submit={submit}
      ready={preview.current && seen.length > 0}
      onSubmit={() => submit.send(path, body)}
    >
      <NativeSelect label="What" value={at} onChange={(event) => setAt(event.currentTarget.value)} data={WHAT} />
      <Refusal problem={preview.problem} />
      {preview.data && !preview.problem && (
        <section className={styles.preview} aria-live="polite" aria-busy={preview.pending}>
          <h3>What will happen</h3>
          {seen.length ? (
            seen.map((each, n) => <Sums key={n} sums={each} currency={preview.data?.currency ?? rma.currency} />)
          ) : (
            <p>Nothing is due by these terms.</p>
          )}
        </section>
      )}
    </Dialog>
  );
}
