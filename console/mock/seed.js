// Some weeks of orders, each brought as far as its story goes by the same verbs that the API has.

import * as verbs from "./order.js";
import { address, catalog, chance, channels, id, locations, people } from "./world.js";

const HOUR = 3600e3;

// These go in two parcels, of which the second is not yet packed.
const SPLIT = new Set([21, 24, 27, 43, 64]);

export function seeded(howMany, now) {
  const dice = chance(20261);
  const orders = [];
  for (let n = 0; n < howMany; n++) {
    const age = n < 30 ? n * 0.21 : 6 + Math.pow(n - 30, 1.18) * 0.55;
    orders.push(story(dice, n, now - age * HOUR, now));
  }
  return orders;
}

function taken(dice, n, at) {
  const person = dice.pick(people);
  const wholesale = person[0].endsWith("GmbH");
  const channel = wholesale ? channels[4] : person[1].country === "GB" ? channels[1] : dice.pick([channels[0], channels[0], channels[2], channels[3]]);
  const currency = person[1].country === "GB" ? "GBP" : "EUR";
  const placed = new Date(at).toISOString();
  const lines = [];
  const wanted = wholesale ? 6 : SPLIT.has(n) ? 3 : 1 + dice.below(3);
  while (lines.length < wanted) {
    const found = dice.pick(catalog);
    if (lines.some((line) => line.sku === found.sku)) continue;
    const ordered = wholesale ? 6 + dice.below(30) : dice.happens(0.25) ? 2 + dice.below(2) : 1;
    const discount = dice.happens(0.15) ? Math.round(found.price * ordered * 0.1) : 0;
    const total = found.price * ordered - discount;
    lines.push({
      line_no: lines.length + 1, group: 1, kind: "goods", sku: found.sku, title: found.title, unit_price: found.price, discount,
      tax: Math.round(total - total / 1.19), total, ordered, buckets: verbs.emptyBuckets("open", ordered), delivered: 0, lost: 0, returned: 0, weight: found.weight,
    });
  }
  const goods = lines.reduce((sum, line) => sum + line.total, 0);
  const shipping = wholesale || goods > 15000 ? 0 : 490;
  const pickup = !wholesale && dice.happens(0.1);
  const total = goods + shipping;
  const mail = person[0].normalize("NFD").replace(/[^a-zA-Z ]/g, "").trim().toLowerCase().replaceAll(" ", ".") || "lior";
  const order = {
    id: id("ord"), number: `B-${104820 - n}`, external_id: channel.external ? `ZLN-${8800451 - n * 3}` : `${channel.code.toUpperCase()}-${553100 - n}`,
    channel: { id: channel.id, code: channel.code, name: channel.name }, version: 1, mode: "live",
    customer: { id: id("cus"), name: person[0], email: `${mail}@example.com`, phone: dice.happens(0.6) ? "+49 30 5550 1482" : "" },
    language: "en", currency, prices_include_tax: true,
    totals: { goods, charges: shipping, tax: Math.round(total - total / 1.19), total, captured: 0, refunded: 0, receivable: 0, due: total },
    placed_at: placed, taken_at: new Date(at + 900).toISOString(), note: dice.happens(0.12) ? "Please leave it with the neighbour at no. 12." : "",
    attributes: dice.happens(0.2) ? { gift: "yes", campaign: "autumn-26" } : {},
    groups: [{
      number: 1, method: pickup ? "pickup" : "ship", location: pickup ? pub(locations[2]) : null, recipient: person[0],
      address: pickup ? null : address(person), service: pickup ? "" : "standard", needed_by: null, ship_on: null, promised_from: null, promised_by: null, promise: null,
    }],
    lines, charges: shipping ? [{ number: 1, kind: "shipping", title: "Standard delivery", amount: shipping, tax: 78 }] : [],
    holds: [], exceptions: [], fulfillment_orders: [], shipments: [], messages: [],
    payments: [{
      id: id("pay"), rank: 1, provider: channel.external ? channel.code : "example-pay", method: wholesale ? "invoice" : channel.external ? "channel" : dice.pick(["card", "card", "paypal"]),
      currency, amount: total, status: channel.external ? "external" : "authorised", authorised: channel.external ? 0 : total, captured: 0, capturing: 0, refunded: 0, voided: 0,
    }],
    tracking_url: `https://track.fjordandfell.example/t/bt_${id("trk").slice(-20)}`,
    facts: [], plans: [], seed: n + 1,
  };
  verbs.tell(order, placed, "orders.taken", { number: order.number, currency, total_minor: total, lines: lines.length }, `key:${channel.code}`);
  return order;
}

const pub = ({ id: found, code, name }) => ({ id: found, code, name });

function fill(order, at, target = "reserved") {
  for (const line of order.lines.filter((each) => each.buckets.open)) {
    line.buckets[target] += line.buckets.open;
    line.buckets.open = 0;
  }
  verbs.tell(order, at, `orders.${target}`, { units: order.lines.map((line) => [line.line_no, line.buckets[target]]) });
}

function story(dice, n, at, now) {
  const order = taken(dice, n, at);
  const clock = (hours) => new Date(Math.min(now - 20e3, at + hours * HOUR)).toISOString();
  const age = (now - at) / HOUR;
  if (!order.channel.code.startsWith("zal")) verbs.tell(order, clock(0.01), "payments.authorised", { amount_minor: order.totals.total, currency: order.currency });
  verbs.note(order, clock(0.02), "order_confirmed");
  if (n === 4 || (n > 40 && n % 61 === 0)) return parked(order, clock(0.02));
  fill(order, clock(0.01));
  if (n === 6 || n % 29 === 11) return backordered(order, clock(0.03), n);
  if (n === 9 || n % 37 === 12) return held(order, clock(0.05), n);
  if (n % 41 === 7) return verbs.cancel(order, clock(0.4), { reason: "Changed my mind" }, "key:web-eu"), order;
  if (age < 0.45) return order;
  verbs.route(order, clock(0.08), dice, { split: SPLIT.has(n) || n % 9 === 0 });
  if (age < 0.9) return order;
  verbs.release(order, clock(0.5));
  if (age < 1.6) return order;
  work(order, clock, dice, n, age);
  return order;
}

function work(order, clock, dice, n, age) {
  for (const each of [...order.fulfillment_orders]) {
    verbs.accept(order, clock(1), each, "key:wms");
    if (age < 2.4) continue;
    const lines = each.lines.map((line) => ({ line: line.line_no, picked: line.to_pick, short: 0 }));
    if (n === 14) Object.assign(lines[0], { picked: lines[0].picked - 1, short: 1 });
    verbs.pick(order, clock(1.6), each, { lines }, dice);
    if (age < 3.2 || (SPLIT.has(n) && each !== order.fulfillment_orders[0])) continue;
    const packed = each.lines.filter((line) => line.picked).map((line) => ({ line: line.line_no, quantity: line.picked }));
    if (!packed.length) continue;
    verbs.pack(order, clock(2), each, { packages: [{ weight_g: 640 + packed.length * 410, lines: packed }] });
    if (n === 17) verbs.recall(order, clock(2.2), { reason: "Customer asks to change the size" });
    if (age < 4.2 || each.status !== "packed" || n === 17) continue;
    verbs.ship(order, clock(3), each);
    travel(order, clock, n, age);
  }
}

function travel(order, clock, n, age) {
  if (age > 6) verbs.track(order, clock(5), "picked_up", "Collected from sender", "Hamburg, DE");
  if (age > 20) verbs.track(order, clock(18), "in_transit", "Sorted at the parcel centre", "Hannover, DE");
  if (age > 40 && n % 23 === 5) return verbs.track(order, clock(30), "exception", "Recipient not found at this address", "Berlin, DE");
  if (age > 30) verbs.track(order, clock(29), "out_for_delivery", "On the van", "Delivery depot");
  if (age > 36) verbs.track(order, clock(34), "delivered", "Handed to the recipient", "At the door");
}

function parked(order, at) {
  const line = order.lines[0];
  Object.assign(line, { sku: "FF-KNIT-ISL-GRN-XL", title: "FF-KNIT-ISL-GRN-XL", buckets: verbs.emptyBuckets("parked", line.ordered) });
  fill(order, at);
  verbs.raise(order, at, "unknown_sku", order.number, `The catalogue does not have ${line.sku}.`, "Create the SKU, then unpark the line.");
  return order;
}

function backordered(order, at, n) {
  const line = order.lines.at(-1);
  Object.assign(line, { buckets: verbs.emptyBuckets("backordered", line.ordered) });
  verbs.tell(order, at, "orders.backordered", { units: [[line.line_no, line.ordered]], why: "no stock in the area" });
  if (n % 2 === 0) verbs.raise(order, at, "sold_by_channel", order.number, `The channel has sold ${line.ordered} units that are not in stock.`, "Wait for stock, substitute, or cancel the line and tell the channel.");
  return order;
}

function held(order, at, n) {
  const holds = [
    { kind: "fraud", reason: "Billing and shipping country differ; first order above €500", blocks: ["release", "ship"] },
    { kind: "address", reason: "The postal code does not belong to this city", blocks: ["route", "release", "ship"] },
    { kind: "payment", reason: "The order came without a payment.", blocks: ["route", "release", "ship"] },
  ];
  verbs.hold(order, at, holds[n % 3], "job:capture");
  return order;
}
