import type { Order, Payment } from "../../api/types";
import { Card } from "../../ui/Card";
import { Tag } from "../../ui/Tag";
import { money } from "../../words/format";
import { PAYMENT, said, sentence } from "../../words/status";
import styles from "./Money.module.css";

/** What the order costs, what was taken, what is still to come, and by which payments. */
export function Money({ order }: { order: Order }) {
  const { totals, currency } = order;
  const say = (minor: number) => money(minor, currency);
  return (
    <Card title="Money" aside={<span className="dim">{currency}</span>}>
      <dl className={styles.sums}>
        <Sum word="Goods" amount={say(totals.goods)} />
        {totals.charges !== 0 && <Sum word="Charges" amount={say(totals.charges)} />}
        <Sum word={order.prices_include_tax ? "of which tax" : "Tax"} amount={say(totals.tax)} quiet />
        <Sum word="Total" amount={say(totals.total)} strong />
      </dl>
      <dl className={styles.taken}>
        <Box word="Captured" amount={say(totals.captured)} tone={totals.captured ? "good" : "quiet"} />
        <Box word="Refunded" amount={say(totals.refunded)} tone={totals.refunded ? "warn" : "quiet"} />
        <Box word="Still to ship" amount={say(totals.due)} tone="quiet" />
        {totals.receivable > 0 && <Box word="Owed, not covered" amount={say(totals.receivable)} tone="bad" />}
      </dl>
      {order.payments.length > 0 && (
        <ul className={styles.payments}>
          {order.payments.map((payment) => (
            <Row key={payment.id} payment={payment} />
          ))}
        </ul>
      )}
    </Card>
  );
}

interface SumProps {
  word: string;
  amount: string;
  quiet?: boolean;
  strong?: boolean;
}

function Sum({ word, amount, quiet, strong }: SumProps) {
  return (
    <div className={quiet ? styles.quiet : strong ? styles.strong : undefined}>
      <dt>{word}</dt>
      <dd className="num">{amount}</dd>
    </div>
  );
}

function Box({ word, amount, tone }: { word: string; amount: string; tone: string }) {
  return (
    <div data-tone={tone}>
      <dt>{word}</dt>
      <dd className="num">{amount}</dd>
    </div>
  );
}

function Row({ payment }: { payment: Payment }) {
  const say = (minor: number) => money(minor, payment.currency);
  const parts = [
    payment.authorised > 0 && `${say(payment.authorised)} authorised`,
    payment.captured > 0 && `${say(payment.captured)} captured`,
    payment.capturing > 0 && `${say(payment.capturing)} being captured`,
    payment.refunded > 0 && `${say(payment.refunded)} refunded`,
    payment.voided > 0 && `${say(payment.voided)} released`,
  ].filter(Boolean);
  return (
    <li>
      <div className={styles.line}>
        <span>
          {sentence(payment.method)} <span className="dim">{payment.provider}</span>
        </span>
        <Tag said={said(PAYMENT, payment.status)} plain />
      </div>
      <div className="dim num">{parts.length ? parts.join(" · ") : say(payment.amount)}</div>
    </li>
  );
}
