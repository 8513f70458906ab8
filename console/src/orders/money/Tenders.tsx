import { Button } from "@mantine/core";
import type { Effect, Payments, Tender } from "../../api/moneyTypes";
import { Card } from "../../ui/Card";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { EFFECT, EFFECT_STATE } from "../../words/afterSales";
import { money } from "../../words/format";
import { PAYMENT, said, sentence } from "../../words/status";
import styles from "./Money.module.css";

interface TendersProps {
  payments: Payments;
  currency: string;
  onRefund: (() => void) | undefined;
}

/** Each tender in its turn, with all that was ever asked of its provider. */
export function Tenders({ payments, currency, onRefund }: TendersProps) {
  const refunded = payments.payments.some((tender) => tender.effects.some((effect) => effect.kind === "refund"));
  return (
    <Card
      title={refunded ? "Payments and refunds" : "Payments"}
      flush
      aside={
        onRefund ? (
          <Button size="xs" variant="default" onClick={onRefund}>
            Refund…
          </Button>
        ) : undefined
      }
    >
      {payments.payments.map((tender) => (
        <Paid key={tender.id} tender={tender} />
      ))}
      {!payments.payments.length && <p className={styles.none}>No payment is known: the channel took the money, or none is due.</p>}
      {payments.payments.length > 0 && payments.refundable > 0 && (
        <p className={styles.none}>
          <span className="num">{money(payments.refundable, currency)}</span> was taken and not given back.
        </p>
      )}
    </Card>
  );
}

function Paid({ tender }: { tender: Tender }) {
  const sums: [string, number][] = [
    ["authorised", tender.authorised],
    ["captured", tender.captured],
    ["being captured", tender.capturing],
    ["refunded", tender.refunded],
    ["being refunded", tender.refunding],
    ["released", tender.voided],
  ];
  return (
    <article className={styles.tender} aria-label={`${sentence(tender.method)} ${tender.rank}`}>
      <header>
        <h3>{sentence(tender.method)}</h3>
        <span className="dim">
          {tender.provider}
          {tender.pays_for && " · for what was owed"}
        </span>
        <Tag said={said(PAYMENT, tender.status)} />
        <strong className="num">{money(tender.amount, tender.currency)}</strong>
      </header>
      <dl className={styles.sums}>
        {sums
          .filter(([, amount]) => amount > 0)
          .map(([word, amount]) => (
            <div key={word}>
              <dd className="num">{money(amount, tender.currency)}</dd> <dt>{word}</dt>
            </div>
          ))}
        {tender.status === "authorised" && tender.expires_at && (
          <div className="dim">
            Authorised until <Time at={tender.expires_at} inline />
          </div>
        )}
      </dl>
      {tender.effects.length > 0 && (
        <ol className={styles.effects}>
          {tender.effects.map((effect) => (
            <Asked key={effect.id} effect={effect} currency={tender.currency} />
          ))}
        </ol>
      )}
    </article>
  );
}

function Asked({ effect, currency }: { effect: Effect; currency: string }) {
  return (
    <li>
      <span>{EFFECT[effect.kind] ?? sentence(effect.kind)}</span>
      <span className={`num ${styles.amount}`}>{money(effect.amount, currency)}</span>
      <Tag said={said(EFFECT_STATE, effect.state)} plain />
      <span className={`dim ${styles.why}`}>
        {[effect.reason, effect.via && `by ${sentence(effect.via).toLowerCase()}`].filter(Boolean).join(" · ")}
        {effect.provider_ref && <span className="mono"> {effect.provider_ref}</span>}
        {effect.state === "requested" && effect.action_url && (
          <>
            {" "}
            <a href={effect.action_url} target="_blank" rel="noreferrer">
              Buyer has to confirm
            </a>
          </>
        )}
      </span>
      <span className="dim">
        <Time at={effect.settled_at ?? effect.requested_at} />
      </span>
      {effect.error && (
        <span className={styles.error} data-tone="bad">
          {effect.error}
        </span>
      )}
    </li>
  );
}
