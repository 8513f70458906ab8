// Beside the order: its money, its buyer, what was sent to them, what happened last.

import { useQuery } from "@tanstack/react-query";
import { useMay } from "../../api/may";
import { timelineQuery } from "../../api/queries";
import type { Order } from "../../api/types";
import { Card } from "../../ui/Card";
import { Copy } from "../../ui/Copy";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { who } from "../../words/actor";
import { story } from "../../words/facts";
import { sentence, MESSAGE, said } from "../../words/status";
import { Money } from "./Money";
import styles from "./Side.module.css";

export function Side({ order, showTimeline }: { order: Order; showTimeline: () => void }) {
  return (
    <aside className={styles.side} aria-label="Money, buyer and messages">
      <Money order={order} />
      <Buyer order={order} />
      <Lately order={order} showTimeline={showTimeline} />
      <Messages order={order} />
      <Settled order={order} />
    </aside>
  );
}

function Buyer({ order }: { order: Order }) {
  const { name, email, phone } = order.customer;
  const attributes = Object.entries(order.attributes);
  return (
    <Card title="Buyer">
      <strong>
        <bdi>{name || "—"}</bdi>
      </strong>
      {email && (
        <div className={styles.contact}>
          <a href={`mailto:${email}`} className="cut">
            {email}
          </a>
          <Copy text={email} what="e-mail" />
        </div>
      )}
      {phone && (
        <a href={`tel:${phone.replaceAll(" ", "")}`} className={styles.phone}>
          {phone}
        </a>
      )}
      {order.note && <blockquote className={styles.note}>{order.note}</blockquote>}
      {attributes.length > 0 && (
        <dl className={styles.attributes}>
          {attributes.map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

const LATEST = 6;

function Lately({ order, showTimeline }: { order: Order; showTimeline: () => void }) {
  const { session } = useMay();
  const facts = useQuery(timelineQuery(order.number)).data?.data ?? [];
  const latest = facts.toReversed().slice(0, LATEST);
  if (!latest.length) return null;
  return (
    <Card
      title="Lately"
      aside={
        <button type="button" className={styles.all} onClick={showTimeline}>
          All {facts.length}
        </button>
      }
    >
      <ol className={styles.lately}>
        {latest.map((fact) => {
          const { text, tone, detail } = story(fact);
          return (
            <li key={fact.seq} data-tone={tone}>
              <i aria-hidden="true" />
              <div>
                {text}
                {detail && <span className="dim"> · {detail}</span>}
                <div className="dim">
                  <Time at={fact.at} as="ago" /> · {who(fact.actor, session)}
                </div>
              </div>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}

function Messages({ order }: { order: Order }) {
  if (!order.messages.length) return null;
  return (
    <Card title="Messages to the buyer">
      <ul className={styles.list}>
        {order.messages.map((message) => (
          <li key={message.id}>
            <div>
              {sentence(message.kind)}
              <div className="dim">
                <Time at={message.sent_at ?? message.created_at} />
              </div>
            </div>
            <Tag said={said(MESSAGE, message.state)} plain />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Holds and exceptions that are over. */
function Settled({ order }: { order: Order }) {
  const { session } = useMay();
  const holds = order.holds.filter((hold) => hold.resolved_at);
  const exceptions = order.exceptions.filter((exception) => exception.resolved_at);
  if (!holds.length && !exceptions.length) return null;
  return (
    <Card title="Resolved">
      <ul className={styles.list}>
        {holds.map((hold) => (
          <li key={hold.id}>
            <div>
              Hold: {hold.reason}
              <div className="dim">
                {hold.resolution} {hold.resolved_by && `(${who(hold.resolved_by, session)})`}
              </div>
            </div>
          </li>
        ))}
        {exceptions.map((exception) => (
          <li key={exception.id}>
            <div>
              {sentence(exception.kind)}: {exception.cause}
              <div className="dim">{exception.resolution}</div>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
