// One delivery group: where it goes and until when, the work at locations, the parcels.

import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useMay } from "../../api/may";
import type { Address, Group, Order } from "../../api/types";
import { Card } from "../../ui/Card";
import { PinIcon, StoreIcon, TruckIcon } from "../../ui/icons";
import { day, window } from "../../words/format";
import { sentence } from "../../words/status";
import type { OnAsk } from "./ask";
import { PromiseTerms } from "./PromiseTerms";
import { ShipmentCard } from "./ShipmentCard";
import { WorkCard } from "./WorkCard";
import styles from "./Delivery.module.css";

interface DeliveryProps {
  order: Order;
  group: Group;
  onAsk: OnAsk;
}

export function Delivery({ order, group, onAsk }: DeliveryProps) {
  const work = order.fulfillment_orders.filter((each) => each.group === group.number);
  const lines = new Set(order.lines.filter((line) => line.group === group.number).map((line) => line.line_no));
  const sent = order.shipments.filter((each) => each.lines.some((line) => lines.has(line.line_no)));
  const pickup = group.method === "pickup";
  const name = pickup ? "Pick-up" : "Delivery";
  return (
    <Card
      title={order.groups.length > 1 ? `${name} ${group.number}` : name}
      aside={<span className="dim">{group.service && sentence(group.service)}</span>}
    >
      <div className={styles.terms}>
        <Term icon={pickup ? <StoreIcon /> : <PinIcon />} word={pickup ? "At the store" : "To"}>
          {pickup ? <Pickup group={group} /> : <Postal address={group.address} />}
          {!pickup && order.actions.includes("edit_address") && <EditAddress onAsk={onAsk} />}
        </Term>
        <Term icon={<TruckIcon />} word={pickup ? "Ready" : "Promised"}>
          {group.promised_by ? (
            <strong>{window(group.promised_from, group.promised_by)}</strong>
          ) : (
            <span className="dim">Not promised until locations are chosen</span>
          )}
          {group.ship_on && !pickup && <div className="dim">Ships {day(group.ship_on)}</div>}
          {group.needed_by && <div className="dim">Needed by {day(group.needed_by)}</div>}
          <PromiseTerms promise={group.promise} />
        </Term>
      </div>
      {work.length + sent.length > 0 && (
        <div className={styles.cards}>
          {work.map((each) => (
            <WorkCard key={each.id} work={each} order={order} onAsk={onAsk} />
          ))}
          {sent.map((each) => (
            <ShipmentCard key={each.id} shipment={each} onAsk={onAsk} />
          ))}
        </div>
      )}
      {!work.length && !sent.length && order.status !== "cancelled" && (
        <p className={styles.none}>No location works on it yet.</p>
      )}
    </Card>
  );
}

function Term({ icon, word, children }: { icon: ReactNode; word: string; children: ReactNode }) {
  return (
    <div className={styles.term}>
      <span className="dim">{icon}</span>
      <div>
        <div className={styles.word}>{word}</div>
        {children}
      </div>
    </div>
  );
}

function EditAddress({ onAsk }: { onAsk: OnAsk }) {
  if (!useMay().order("edit_address")) return null;
  return (
    <Button size="compact-xs" variant="subtle" ml={-8} onClick={() => onAsk({ do: "edit_address" })}>
      Edit address…
    </Button>
  );
}

function Pickup({ group }: { group: Group }) {
  return (
    <address>
      <strong>{group.location?.name ?? "—"}</strong> <span className="dim mono">{group.location?.code}</span>
      {group.recipient && <div>for {group.recipient}</div>}
    </address>
  );
}

function Postal({ address }: { address: Address | null }) {
  if (!address) return <span className="dim">No address</span>;
  return (
    <address>
      <bdi>
        <strong>{address.name}</strong>
      </bdi>
      {address.company && <div>{address.company}</div>}
      {address.lines.map((line, n) => (
        <div key={n}>{line}</div>
      ))}
      <div>
        {[address.postal_code, address.city].filter(Boolean).join(" ")}
        {address.region && `, ${address.region}`}, {address.country}
      </div>
    </address>
  );
}
