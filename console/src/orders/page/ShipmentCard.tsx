// A shipment: its carrier, labels, what the carrier says of it, and what may be asked of it now.

import { Button } from "@mantine/core";
import { useMay } from "../../api/may";
import type { Shipment, ShipmentAction, TrackingEvent } from "../../api/types";
import { Copy } from "../../ui/Copy";
import { FileIcon, TruckIcon } from "../../ui/icons";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { money, units } from "../../words/format";
import { said, sentence, SHIPMENT, TRACKING } from "../../words/status";
import type { OnAsk } from "./ask";
import styles from "./ShipmentCard.module.css";

const WORDS: [ShipmentAction, string][] = [
  ["retry_labels", "Retry labels…"],
  ["void", "Void…"],
];

export function ShipmentCard({ shipment, onAsk }: { shipment: Shipment; onAsk: OnAsk }) {
  const { documents, workAt } = useMay();
  const here = shipment.location_id !== null && workAt(shipment.location_id);
  const legal = WORDS.filter(([action]) => here && shipment.actions.includes(action));
  const sent = shipment.lines.reduce((sum, line) => sum + line.quantity, 0);
  const facts = [
    shipment.number,
    shipment.service && sentence(shipment.service),
    units(sent),
    shipment.cost > 0 && money(shipment.cost, shipment.currency),
  ].filter(Boolean);
  return (
    <article className={styles.card}>
      <header className={styles.head}>
        <span className="dim">
          <TruckIcon />
        </span>
        <div className={styles.name}>
          <h3>{sentence(shipment.carrier)}</h3>
          <div className="dim num">{facts.join(" · ")}</div>
        </div>
        <Tag said={said(SHIPMENT, shipment.status)} />
      </header>
      {shipment.labels.length > 0 && (
        <ul className={styles.labels}>
          {shipment.labels.map((label) => (
            <li key={label.package_id}>
              {label.tracking_no ? (
                <span className={styles.tracking}>
                  <span className="mono">{label.tracking_no}</span>
                  <Copy text={label.tracking_no} what="tracking number" />
                </span>
              ) : (
                <span className="dim">{label.state === "requested" ? "Buying the label" : sentence(label.state)}</span>
              )}
              {label.tracking_no && label.state === "voided" && <span className="dim">Voided</span>}
              {label.state === "bought" && documents && (
                <a href={`/v1/packages/${label.package_id}/label.pdf`} target="_blank" rel="noreferrer">
                  <FileIcon size={13} /> Label
                </a>
              )}
              {label.error && (
                <span className={styles.error} data-tone="bad">
                  {label.error}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      <Events events={shipment.events} />
      {legal.length > 0 && (
        <footer className={styles.actions}>
          {legal.map(([action, word], n) => (
            <Button
              key={action}
              size="xs"
              variant={n === 0 && action !== "void" ? "filled" : "default"}
              onClick={() => onAsk({ do: action, shipment })}
            >
              {word}
            </Button>
          ))}
        </footer>
      )}
    </article>
  );
}

function Events({ events }: { events: TrackingEvent[] }) {
  if (!events.length) return null;
  const newest = events.toSorted((a, b) => b.occurred_at.localeCompare(a.occurred_at));
  return (
    <ol className={styles.events}>
      {newest.map((event) => (
        <li key={event.code + event.occurred_at} data-tone={said(TRACKING, event.code).tone}>
          <i className={styles.dot} aria-hidden="true" />
          <div>
            {said(TRACKING, event.code).word}
            <div className="dim">{[event.text, event.place].filter(Boolean).join(" · ")}</div>
          </div>
          <span className="dim">
            <Time at={event.occurred_at} />
          </span>
        </li>
      ))}
    </ol>
  );
}
