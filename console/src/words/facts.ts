// What happened to an order, in words. A fact without words of its own is named as the API names it.

import type { Fact } from "../api/types";
import { money, units } from "./format";
import { sentence, type Tone } from "./status";

interface Story {
  text: string;
  tone: Tone;
  detail: string;
}

type Words = [text: string, tone: Tone, detail?: (data: Fact["data"]) => string];

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const sum = (value: unknown): string => {
  const pairs = Array.isArray(value) ? (value as [number, number][]) : [];
  return pairs.length ? units(pairs.reduce((total, [, quantity]) => total + quantity, 0)) : "";
};
const joined = (...parts: string[]): string => parts.filter(Boolean).join(" · ");
const amount = (data: Fact["data"]): string =>
  typeof data.amount_minor === "number" ? money(data.amount_minor, text(data.currency) || "EUR") : "";
const inUnits = (data: Fact["data"]) => sum(data.units);
const andWhy = (data: Fact["data"]) => joined(sum(data.units), text(data.why) || text(data.reason));
const tracking = (data: Fact["data"]) => text(data.tracking_no);
const words = (value: unknown): string =>
  Array.isArray(value) ? value.map((each) => sentence(String(each))).join(", ") : "";
const total = (data: Fact["data"]): string =>
  typeof data.total_minor === "number" ? money(data.total_minor, text(data.currency) || "EUR") : "";
const span = (data: Fact["data"]): string => `${text(data.first)} – ${text(data.last)}`;
const kind = (data: Fact["data"]) => sentence(text(data.kind));

const WORDS: Record<string, Words> = {
  "accounting.chart_saved": ["Chart of accounts replaced", "quiet"],
  "accounting.entry_made": ["Booked by hand", "plan", (d) => joined(amount(d), text(d.reason))],
  "accounting.entry_reversed": ["Entry taken back", "warn", (d) => text(d.reason)],
  "accounting.exported": ["Books exported", "quiet", (d) => joined(text(d.format), span(d))],
  "accounting.method_set": ["Valuation of stock set", "quiet", (d) => sentence(text(d.method))],
  "accounting.period_closed": ["Days closed", "quiet", (d) => `through ${text(d.through)}`],
  "accounting.period_reopened": ["Days opened again", "warn", (d) => text(d.reason)],
  "accounting.replayed": ["Bookings tried again", "quiet"],
  "invoicing.drafted": ["To be billed", "quiet", (data) => joined(kind(data), amount(data))],
  "invoicing.issued": ["Invoice issued", "plan", (d) => joined(kind(d), text(d.number), total(d))],
  "invoicing.issuer_saved": ["Words of invoices set", "quiet"],
  "invoicing.policy_saved": ["Time of billing set", "quiet", (d) => sentence(text(d.policy))],
  "orders.draft_opened": ["Draft begun", "quiet", (d) => joined(text(d.number), total(d))],
  "orders.draft_placed": ["Draft became an order", "plan", (d) => text(d.number)],
  "orders.draft_ended": ["Draft ended", "quiet", (d) => sentence(text(d.state))],
  "orders.taken": ["Order taken", "quiet"],
  "orders.reserved": ["Stock reserved", "wait", inUnits],
  "orders.backordered": ["Backordered", "warn", andWhy],
  "orders.routed": ["Locations chosen", "plan", inUnits],
  "orders.unrouted": ["Locations given up", "warn", andWhy],
  "orders.released": ["Released to locations", "work", inUnits],
  "orders.recalled": ["Units came back", "warn", andWhy],
  "orders.short": ["Units missing on the shelf", "bad", inUnits],
  "orders.shipped": ["Shipped", "move", inUnits],
  "orders.delivered": ["Delivered", "good", inUnits],
  "orders.lost": ["Lost on the way", "bad", inUnits],
  "orders.returned": ["Returned", "warn", inUnits],
  "orders.cancelled": ["Cancelled", "bad", andWhy],
  "orders.unparked": ["Line unparked", "wait", inUnits],
  "orders.edited": ["Changed", "plan", kind],
  "orders.change_requested": ["Change waits for a location", "warn", inUnits],
  "orders.change_refused": ["Change refused", "bad", (d) => joined(kind(d), text(d.why))],
  "orders.taxed": ["Tax in the prices reckoned", "quiet"],
  "orders.rated": ["Rate of exchange known", "quiet", (data) => joined(text(data.currency), text(data.rate))],
  "orders.appeased": ["Money given back out of goodwill", "warn", (d) => joined(amount(d), text(d.reason))],
  "orders.appeasement_asked": ["Goodwill waits for approval", "warn", amount],
  "orders.appeasement_refused": ["Goodwill refused", "quiet", (d) => text(d.why)],
  "orders.held": ["Put on hold", "bad", kind],
  "orders.hold_resolved": ["Hold resolved", "good", kind],
  "orders.exception_opened": ["Exception opened", "warn", kind],
  "orders.exception_resolved": ["Exception resolved", "good", kind],
  "notifications.resent": ["Message sent again", "quiet", kind],
  "notifications.rated": ["Customer rated", "quiet", (d) => `${d.score} / 5`],
  "fulfillment.planned": ["Work planned", "plan", (d) => joined(text(d.number), sum(d.units))],
  "fulfillment.released": ["Work sent to its location", "work", inUnits],
  "fulfillment.accepted": ["Location accepted", "work"],
  "fulfillment.rejected": ["Location rejected", "bad", andWhy],
  "fulfillment.picked": ["Picked", "work", inUnits],
  "fulfillment.short_picked": ["Short pick", "bad", inUnits],
  "fulfillment.packed": ["Packed", "work", inUnits],
  "fulfillment.ready": ["Ready for pick-up", "move"],
  "fulfillment.pickup_code_given": ["Pick-up code sent", "quiet"],
  "fulfillment.pickup_code_wrong": ["Wrong pick-up code", "warn"],
  "fulfillment.handed_over": ["Handed over", "good", inUnits],
  "fulfillment.shipped": ["Left the location", "move", inUnits],
  "fulfillment.recall_requested": ["Recall asked", "warn", andWhy],
  "fulfillment.recall_answered": ["Recall answered", "warn", (d) => joined(sentence(text(d.answer)), text(d.reason))],
  "fulfillment.cancelled": ["Work cancelled", "quiet"],
  "shipping.shipment_opened": ["Shipment opened", "quiet", (d) => joined(text(d.number), text(d.service))],
  "shipping.label_bought": ["Label bought", "quiet", tracking],
  "shipping.label_refused": ["Label refused", "bad"],
  "shipping.labels_retried": ["Labels asked for again", "quiet"],
  "shipping.voided": ["Shipment given up", "warn"],
  "shipping.label_unwanted": ["Label to be given back", "quiet", tracking],
  "shipping.label_voided": ["Label given back", "quiet", tracking],
  "shipping.label_kept": ["Label not taken back", "bad", tracking],
  "shipping.shipped": ["Handed to the carrier", "move", tracking],
  "shipping.in_transit": ["In transit", "move"],
  "shipping.out_for_delivery": ["Out for delivery", "move"],
  "shipping.exception": ["Held up on the way", "bad"],
  "shipping.delivered": ["Delivered by the carrier", "good"],
  "shipping.lost": ["Lost by the carrier", "bad"],
  "shipping.returned_to_sender": ["Coming back", "warn"],
  "payments.taken": ["Payment taken over", "quiet", amount],
  "payments.authorise_requested": ["Authorisation asked", "quiet", amount],
  "payments.authorised": ["Authorised", "plan", amount],
  "payments.declined": ["Payment declined", "bad", (d) => joined(amount(d), text(d.code))],
  "payments.capture_requested": ["Capture asked", "quiet", amount],
  "payments.captured": ["Captured", "good", amount],
  "payments.capture_declined": ["Capture declined", "bad", (d) => joined(amount(d), text(d.code))],
  "payments.void_requested": ["Release of the rest asked", "quiet", amount],
  "payments.voided": ["Rest released", "quiet", amount],
  "payments.drawn": ["Set against a shipment", "quiet", amount],
  "payments.void_declined": ["Rest not released", "warn", (d) => joined(amount(d), text(d.code))],
  "payments.refund_requested": ["Refund asked", "quiet", (d) => joined(amount(d), text(d.reason))],
  "payments.refunded": ["Refunded", "warn", (d) => joined(amount(d), text(d.reason))],
  "payments.refund_declined": ["Refund declined", "bad", (d) => joined(amount(d), text(d.code))],
  "payments.unsettled": ["Provider has not answered", "bad", (d) => joined(amount(d), kind(d))],
  "tax.determined": ["Tax determined", "quiet", (data) => sentence(text(data.state))],
  "tax.service_asked": ["Tax service asked", "quiet", kind],
  "tax.service_answered": ["Tax service has answered", "quiet", (data) => joined(kind(data), text(data.error))],
  "tax.categories_saved": ["Tax categories set", "quiet"],
  "tax.exemption_saved": ["Tax exemption set", "quiet", (d) => text(d.country)],
  "tax.rates_saved": ["Tax rates set", "quiet", (d) => text(d.source)],
  "tax.registration_saved": ["Tax registration set", "quiet", (d) => joined(text(d.country), text(d.region))],
  "tax.terms_saved": ["Terms of tax set", "quiet"],
  "payments.payout_booked": ["Payout booked", "good", (d) => joined(text(d.provider), text(d.payout_ref))],
  "payments.receivable_opened": ["Receivable opened", "bad", (d) => joined(amount(d), text(d.cause))],
  "payments.dispute_opened": ["Dispute opened", "bad", (d) => joined(amount(d), text(d.reason))],
  "payments.dispute_won": ["Dispute won", "good", amount],
  "payments.dispute_lost": ["Dispute lost", "bad", amount],
  "payments.receivable_paid": ["Receivable settled", "good", (d) => joined(amount(d), sentence(text(d.how)))],
  "returns.requested": ["Return asked for", "wait", (d) => joined(text(d.number), sum(d.units))],
  "returns.approved": ["Return approved", "plan", inUnits],
  "returns.refused": ["Return refused", "bad", (d) => words(d.reasons)],
  "returns.flagged": ["Return waits for a person", "warn", (d) => words(d.reasons)],
  "returns.asked": ["Customer was asked", "wait", (d) => words(d.reasons)],
  "returns.answered": ["Customer answered", "quiet"],
  "returns.labelled": ["Return label ready", "quiet", tracking],
  "returns.sent": ["On its way back", "move", tracking],
  "returns.received": ["Return came in", "work", inUnits],
  "returns.graded": ["Return graded", "work", (d) => text(d.grade)],
  "returns.disposed": ["Returned goods put away", "quiet", (d) => sentence(text(d.disposition))],
  "returns.settled": ["Return settled", "good", (d) => joined(amount(d), sentence(text(d.to)))],
  "returns.closed": ["Return closed", "good"],
  "returns.cancelled": ["Return called off", "warn", andWhy],
  "returns.expired": ["Return did not come in time", "warn", inUnits],
  "returns.exchange_ordered": ["Exchange ordered", "plan", (d) => (d.instant ? "at once" : "")],
  "returns.carrier_claimed": ["Claimed from the carrier", "wait"],
  "returns.carrier_claim_settled": ["Carrier answered the claim", "quiet", (d) => sentence(text(d.status))],
  "returns.parcel_arrived": ["Goods came unannounced", "warn"],
  "returns.parcel_disposed": ["Unannounced goods put away", "quiet", (d) => sentence(text(d.disposition))],
  "returns.parcel_matched": ["Unannounced goods matched to a return", "plan"],
  "returns.policy_activated": ["Return policy in force", "plan", (d) => `policy-${d.version}`],
  "returns.policy_saved": ["Return policy kept", "quiet", (d) => `policy-${d.version}`],
  "returns.recorded": ["Return reported by the channel", "quiet", amount],
  "stored_value.opened": ["Account opened", "quiet", kind],
  "stored_value.moved": ["Balance changed", "plan", (d) => joined(amount(d), sentence(text(d.cause)))],
  "stored_value.held": ["Balance held", "quiet", amount],
  "stored_value.freed": ["Balance freed", "quiet", amount],
  "stored_value.status_changed": ["Account changed", "warn", (d) => joined(sentence(text(d.status)), text(d.reason))],
  "stored_value.expiry_changed": ["Expiry changed", "quiet", (d) => text(d.reason)],
  "notifications.sent": ["Message sent", "quiet", kind],
  "notifications.refused": ["Message refused", "bad", kind],
};

export function story(fact: Pick<Fact, "fact" | "data">): Story {
  const words = WORDS[fact.fact];
  if (!words) {
    const [module = "", name = fact.fact] = fact.fact.split(".");
    return { text: sentence(name), tone: "quiet", detail: module };
  }
  const [said, tone, detail] = words;
  return { text: said, tone, detail: detail?.(fact.data) ?? "" };
}
