// What was due and did not come: asked for again, paid elsewhere, or written off.

import { Button } from "@mantine/core";
import { useState } from "react";
import type { Receivable } from "../../api/moneyTypes";
import type { Order } from "../../api/types";
import { useWrite } from "../../api/writes";
import { Card } from "../../ui/Card";
import { Refusal } from "../../ui/Notice";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { say } from "../../ui/toast";
import { money } from "../../words/format";
import { sentence } from "../../words/status";
import { Dialog, useSubmit } from "../dialogs/Dialog";
import { Reason } from "../dialogs/Reason";
import dialog from "../dialogs/Dialog.module.css";
import styles from "./Money.module.css";

interface OwedProps {
  order: Order;
  receivables: Receivable[];
  may: boolean;
}

export function Owed({ order, receivables, may }: OwedProps) {
  const [settling, setSettling] = useState<Receivable | null>(null);
  const write = useWrite<unknown>(order.number);
  const collect = (each: Receivable) =>
    write.mutate({ path: `/orders/${order.id}/receivables/${each.id}/collect` }, { onSuccess: () => say("The tenders are asked again") });
  return (
    <Card title="Owed">
      <Refusal problem={write.error} />
      <ul className={styles.owed}>
        {receivables.map((each) => (
          <li key={each.id}>
            <div>
              <strong className="num">{money(each.amount - each.paid, each.currency)}</strong>
              <span className="dim"> of {money(each.amount, each.currency)}</span>
              <div className="dim">
                {sentence(each.cause)} · <Time at={each.opened_at} inline />
              </div>
            </div>
            {each.settled_at ? (
              <Tag said={{ word: "Settled", tone: "good" }} plain />
            ) : (
              <>
                <Tag said={{ word: "Open", tone: "bad" }} plain />
                {may && (
                  <Button size="xs" variant="default" loading={write.isPending} onClick={() => collect(each)}>
                    Ask again
                  </Button>
                )}
                {may && (
                  <Button size="xs" variant="default" onClick={() => setSettling(each)}>
                    Settle…
                  </Button>
                )}
              </>
            )}
          </li>
        ))}
      </ul>
      {settling && <Settle order={order} owed={settling} close={() => setSettling(null)} />}
    </Card>
  );
}

function Settle({ order, owed, close }: { order: Order; owed: Receivable; close: () => void }) {
  const submit = useSubmit(order.number, "Nothing more is owed", close);
  const [how, setHow] = useState("paid_elsewhere");
  const [reason, setReason] = useState("");
  return (
    <Dialog
      title={`Settle ${money(owed.amount - owed.paid, owed.currency)}`}
      word="Settle"
      close={close}
      submit={submit}
      ready={reason.trim() !== ""}
      onSubmit={() => submit.send(`/orders/${order.id}/receivables/${owed.id}/settle`, { how, reason: reason.trim() })}
    >
      <div className={dialog.choices}>
        {[
          ["paid_elsewhere", "It was paid elsewhere"],
          ["written_off", "Write it off"],
        ].map(([value = "", label]) => (
          <label key={value}>
            <input type="radio" name="how" checked={how === value} onChange={() => setHow(value)} />
            {label}
          </label>
        ))}
      </div>
      <Reason value={reason} onChange={setReason} usual={["Paid by bank transfer", "Paid in the store", "Not worth the effort"]} autoFocus />
    </Dialog>
  );
}
