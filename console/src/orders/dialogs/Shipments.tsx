// What may be asked of a shipment that has not left: its labels again, or to give it up.

import type { Label, Order, Shipment } from "../../api/types";
import { plural } from "../../words/format";
import { Dialog, useSubmit } from "./Dialog";

export interface ShipmentProps {
  order: Order;
  shipment: Shipment;
  close: () => void;
}

const pathOf = (shipment: Shipment, step: string): string => `/shipments/${shipment.id}/${step}`;
const labels = (shipment: Shipment, state: Label["state"]) => shipment.labels.filter((label) => label.state === state);

export function RetryLabels({ order, shipment, close }: ShipmentProps) {
  const submit = useSubmit(order.number, "Labels are being bought", close);
  const refused = labels(shipment, "refused");
  return (
    <Dialog
      title={`Retry the labels of ${shipment.number}`}
      word="Ask again"
      close={close}
      submit={submit}
      onSubmit={() => submit.send(pathOf(shipment, "retry-labels"))}
    >
      <p>The carrier is asked again. It refused {plural(refused.length, "label")}:</p>
      <ul>
        {refused.map((label) => (
          <li key={label.package_id}>{label.error || "without a reason"}</li>
        ))}
      </ul>
    </Dialog>
  );
}

export function VoidShipment({ order, shipment, close }: ShipmentProps) {
  const submit = useSubmit(order.number, "The shipment was given up", close);
  const bought = labels(shipment, "bought");
  return (
    <Dialog
      title={`Void ${shipment.number}`}
      word="Void the shipment"
      danger
      close={close}
      submit={submit}
      onSubmit={() => submit.send(pathOf(shipment, "void"))}
    >
      <p>
        Its packages stay packed, and can be shipped anew once the carrier has answered for every label.
        {bought.length > 0 && ` Bought already and given back to the carrier: ${plural(bought.length, "label")}.`}
      </p>
    </Dialog>
  );
}
