// The one place for the words and colours of every status. A tone is a pair of colours in tones.css.

import type { Bucket, Health, OrderStatus, Verdict, WorkStatus } from "../api/types";

export type Tone = "quiet" | "wait" | "plan" | "work" | "move" | "good" | "warn" | "bad";

export interface Said {
  word: string;
  tone: Tone;
  help?: string;
}

export const ORDER: Record<OrderStatus, Said> = {
  parked: { word: "Parked", tone: "bad", help: "A line has no SKU that we know" },
  open: { word: "Open", tone: "quiet", help: "Taken; no stock is reserved yet" },
  backordered: { word: "Backordered", tone: "warn", help: "Some units wait for stock" },
  reserved: { word: "Reserved", tone: "wait", help: "Stock is promised, no location chosen yet" },
  allocated: { word: "Allocated", tone: "plan", help: "Locations are chosen, work not yet sent to them" },
  released: { word: "Released", tone: "work", help: "Locations are working on it" },
  partly_shipped: { word: "Partly shipped", tone: "move", help: "Some units have left" },
  shipped: { word: "Shipped", tone: "move", help: "All units have left" },
  delivered: { word: "Delivered", tone: "good", help: "All units have arrived" },
  cancelled: { word: "Cancelled", tone: "quiet", help: "Nothing will be sent" },
};

/** The order in which units pass through their buckets. */
export const BUCKETS: Record<Bucket, Said> = {
  shipped: { word: "shipped", tone: "good" },
  released: { word: "released", tone: "work" },
  allocated: { word: "allocated", tone: "plan" },
  reserved: { word: "reserved", tone: "wait" },
  open: { word: "open", tone: "quiet" },
  backordered: { word: "backordered", tone: "warn" },
  parked: { word: "parked", tone: "bad" },
  cancelled: { word: "cancelled", tone: "quiet" },
};

export const HEALTH: Record<Health, Said> = {
  ok: { word: "OK", tone: "good", help: "Nothing stands in its way" },
  attention: { word: "Attention", tone: "warn", help: "An exception is open" },
  blocked: { word: "On hold", tone: "bad", help: "A hold stops it" },
};

export const WORK: Record<WorkStatus, Said> = {
  planned: { word: "Planned", tone: "plan" },
  released: { word: "Sent to location", tone: "work" },
  accepted: { word: "Accepted", tone: "work" },
  picked: { word: "Picked", tone: "work" },
  packed: { word: "Packed", tone: "move" },
  ready: { word: "Ready for pick-up", tone: "move" },
  done: { word: "Done", tone: "good" },
  rejected: { word: "Rejected", tone: "bad" },
  cancelled: { word: "Cancelled", tone: "quiet" },
};

export const RECALL: Record<string, Said> = {
  requested: { word: "Recall asked", tone: "warn" },
  accepted: { word: "Recalled", tone: "quiet" },
  rejected: { word: "Recall refused", tone: "bad" },
  timed_out: { word: "Recall unanswered", tone: "bad" },
};

export const SHIPMENT: Record<string, Said> = {
  labelling: { word: "Buying labels", tone: "wait" },
  label_failed: { word: "Label refused", tone: "bad" },
  shipped: { word: "Shipped", tone: "move" },
  in_transit: { word: "In transit", tone: "move" },
  out_for_delivery: { word: "Out for delivery", tone: "move" },
  exception: { word: "Held up", tone: "bad" },
  delivered: { word: "Delivered", tone: "good" },
  lost: { word: "Lost", tone: "bad" },
  returned_to_sender: { word: "Coming back", tone: "warn" },
  voided: { word: "Voided", tone: "quiet" },
};

export const TRACKING: Record<string, Said> = {
  label_created: { word: "Label created", tone: "quiet" },
  picked_up: { word: "Picked up by the carrier", tone: "move" },
  in_transit: { word: "In transit", tone: "move" },
  out_for_delivery: { word: "Out for delivery", tone: "move" },
  exception: { word: "Held up", tone: "bad" },
  delivered: { word: "Delivered", tone: "good" },
  lost: { word: "Lost", tone: "bad" },
  returned_to_sender: { word: "Returned to sender", tone: "warn" },
};

/** Of the whole order. */
export const PAYMENT: Record<string, Said> = {
  none: { word: "No payment", tone: "quiet" },
  requested: { word: "Authorising", tone: "wait" },
  authorised: { word: "Authorised", tone: "plan" },
  partly_captured: { word: "Partly captured", tone: "move" },
  captured: { word: "Captured", tone: "good" },
  declined: { word: "Declined", tone: "bad" },
  voided: { word: "Voided", tone: "quiet" },
  external: { word: "Paid to the channel", tone: "quiet" },
};

export const MESSAGE: Record<string, Said> = {
  requested: { word: "Waiting", tone: "wait" },
  sent: { word: "Sent", tone: "good" },
  refused: { word: "Refused", tone: "bad" },
};

export const VERDICT: Record<Verdict, Said> = {
  chosen: { word: "Chosen", tone: "good" },
  tie: { word: "Same cost", tone: "plan", help: "A plan with it costs the same; more parcels or a later code lost" },
  dearer: { word: "Dearer", tone: "quiet" },
  too_many_parcels: { word: "Too many parcels", tone: "warn", help: "No plan with it fits the parcels allowed" },
  no_stock: { word: "No stock", tone: "warn" },
  cannot_ship: { word: "Doesn't ship", tone: "quiet" },
  out_of_reach: { word: "Out of reach", tone: "quiet", help: "No service goes from there to this destination" },
  capacity: { word: "Full", tone: "warn", help: "It takes no more orders on that day" },
  excluded: { word: "Left out", tone: "bad" },
};

/** A status that this console has not heard of is shown as it is. */
export function said(words: Record<string, Said>, name: string): Said {
  return words[name] ?? { word: sentence(name), tone: "quiet" };
}

/** "carrier_exception" is "Carrier exception". */
export function sentence(name: string): string {
  const spaced = name.replaceAll("_", " ").replace(/\bsku\b/, "SKU");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
