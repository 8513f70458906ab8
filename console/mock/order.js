// Orders that change as the real ones do: units in buckets, statuses read off them.

import { invalid, notFound, refused } from "./problem.js";
import { decide } from "./routing.js";
import { id, session } from "./world.js";

const BUCKETS = ["parked", "open", "backordered", "reserved", "allocated", "released", "shipped", "cancelled"];
const CANCELLABLE = ["parked", "open", "backordered", "reserved", "allocated"];
const YOU = session.actor;

// ── what is read off an order ────────────────────────────────────────────────────────────────

const unitsIn = (order, bucket) => order.lines.reduce((sum, line) => sum + line.buckets[bucket], 0);

export function statusOf(order) {
  const live = order.lines.filter((line) => line.buckets.cancelled < line.ordered);
  if (!live.length) return "cancelled";
  const all = (bucket) => unitsIn(order, bucket);
  const waiting = [...CANCELLABLE, "released"].reduce((sum, bucket) => sum + all(bucket), 0);
  const delivered = order.lines.reduce((sum, line) => sum + line.delivered, 0);
  if (!waiting) return delivered >= all("shipped") ? "delivered" : "shipped";
  if (all("shipped")) return "partly_shipped";
  if (all("released")) return "released";
  return ["parked", "open", "backordered", "reserved"].find(all) ?? "allocated";
}

const openHolds = (order) => order.holds.filter((hold) => !hold.resolved_at);
const blocked = (order, step) => openHolds(order).some((hold) => hold.blocks.includes(step));

export function healthOf(order) {
  if (openHolds(order).length) return "blocked";
  return order.exceptions.some((each) => !each.resolved_at) ? "attention" : "ok";
}

export function paymentStatusOf(order) {
  const live = order.payments.filter((each) => each.status !== "declined");
  if (!order.payments.length) return "none";
  if (!live.length) return "declined";
  if (live.every((each) => each.status === "external")) return "external";
  const captured = live.reduce((sum, each) => sum + each.captured, 0);
  const amount = live.reduce((sum, each) => sum + each.amount - each.voided, 0);
  if (captured) return captured >= amount ? "captured" : "partly_captured";
  return live.every((each) => each.status === "voided") ? "voided" : live[0].status;
}

function actionsOf(order) {
  const found = new Set();
  const before = CANCELLABLE.reduce((sum, bucket) => sum + unitsIn(order, bucket), 0);
  const released = unitsIn(order, "released");
  if (before) found.add("cancel").add("edit_quantity");
  if (before && !released && order.groups.some((group) => group.method === "ship")) found.add("edit_address");
  if (unitsIn(order, "reserved") && !blocked(order, "route")) found.add("route");
  if (unitsIn(order, "allocated") && !blocked(order, "release")) found.add("release");
  if (released) found.add("recall");
  if (unitsIn(order, "parked")) found.add("unpark");
  if (openHolds(order).length) found.add("resolve_hold");
  if (before || released) found.add("hold");
  return [...found].sort();
}

const WORK = {
  planned: ["recall"],
  released: ["accept", "reject", "pick", "recall"],
  accepted: ["reject", "pick", "pack", "recall", "answer_recall"],
  picked: ["pack", "recall", "answer_recall"],
  packed: ["ship", "recall", "answer_recall"],
  ready: ["hand_over", "recall", "answer_recall"],
};

function workActions(work) {
  const some = (name) => work.lines.some((line) => line[name]);
  return (WORK[work.status] ?? [])
    .filter((action) => action !== "reject" || (!some("picked") && !some("packed") && work.recall !== "requested"))
    .filter((action) => action !== "pack" || some("picked"))
    .filter((action) => action !== "answer_recall" || work.recall === "requested")
    .filter((action) => action !== "recall" || work.lines.some((line) => left(line) > line.cancel_requested))
    .sort();
}

const left = (line) => line.quantity - line.shipped - line.short - line.cancelled;

export function shown(order) {
  const { facts, plans, seed, ...rest } = order;
  const paid = (name) => order.payments.reduce((sum, each) => sum + each[name], 0);
  const due = order.lines.reduce((sum, line) => sum + share(line, line.ordered - line.buckets.cancelled - line.buckets.shipped), 0);
  const charges = !due || unitsIn(order, "shipped") ? 0 : order.totals.charges;
  return {
    ...rest,
    status: statusOf(order),
    health: healthOf(order),
    payment_status: paymentStatusOf(order),
    totals: { ...order.totals, captured: paid("captured"), refunded: paid("refunded"), receivable: 0, due: due + charges },
    fulfillment_orders: order.fulfillment_orders.map((work) => ({ ...work, actions: workActions(work) })),
    actions: actionsOf(order),
  };
}

export function row(order) {
  return {
    id: order.id,
    number: order.number,
    external_id: order.external_id,
    channel: order.channel,
    status: statusOf(order),
    health: healthOf(order),
    payment_status: paymentStatusOf(order),
    buyer_name: order.customer.name,
    currency: order.currency,
    total: order.totals.total,
    units: order.lines.reduce((sum, line) => sum + line.ordered, 0),
    placed_at: order.placed_at,
    promised_by: order.groups.reduce((last, group) => (group.promised_by > (last ?? "") ? group.promised_by : last), null),
    version: order.version,
  };
}

const share = (line, units) => Math.round((line.total * units) / line.ordered);

// ── small steps ──────────────────────────────────────────────────────────────────────────────

export function tell(order, at, fact, data = {}, actor = "job:worker", cause = "") {
  order.version += 1;
  order.facts.push({ seq: order.facts.length + 1, at, fact, actor, cause, data });
}

const lineOf = (order, number) => {
  const found = order.lines.find((line) => line.line_no === number);
  if (!found) throw invalid(`There is no line ${number}.`, "lines");
  return found;
};

function move(order, source, target, pairs) {
  for (const [number, quantity] of pairs) {
    const line = lineOf(order, number);
    if (line.buckets[source] < quantity) throw refused("illegal_move", `Line ${number} has ${line.buckets[source]} units ${source}.`);
    line.buckets[source] -= quantity;
    line.buckets[target] += quantity;
  }
}

const inBucket = (order, bucket, group) =>
  order.lines
    .filter((line) => line.buckets[bucket] && (group === undefined || line.group === group))
    .map((line) => [line.line_no, line.buckets[bucket]]);

const day = (at, days) => new Date(new Date(at).getTime() + days * 86400e3).toISOString().slice(0, 10);

export function raise(order, at, kind, subject, cause, suggestion) {
  const made = { id: id("exc"), order_id: order.id, kind, subject, cause, suggestion, owner_id: null, opened_at: at, resolved_at: null, resolution: null };
  order.exceptions.push(made);
  tell(order, at, "orders.exception_opened", { exception_id: made.id, kind });
}

export function emptyBuckets(bucket, quantity) {
  return Object.fromEntries(BUCKETS.map((name) => [name, name === bucket ? quantity : 0]));
}

// ── the order's own verbs ────────────────────────────────────────────────────────────────────

export function hold(order, at, { kind = "manual", reason, blocks, line = null }, actor = YOU) {
  if (!reason) throw invalid("A hold needs a reason.", "reason");
  const made = { id: id("hld"), kind, reason, blocks: blocks ?? ["route", "release", "ship"], author: actor, placed_at: at, line_no: line, resolved_at: null, resolved_by: null, resolution: null };
  order.holds.push(made);
  tell(order, at, "orders.held", { hold_id: made.id, kind, blocks: made.blocks }, actor);
}

export function resolveHold(order, at, holdId, { resolution }) {
  const found = order.holds.find((each) => each.id === holdId);
  if (!found) throw notFound("hold");
  if (found.resolved_at) throw refused("hold_resolved", "This hold is resolved already.");
  Object.assign(found, { resolved_at: at, resolved_by: YOU, resolution });
  tell(order, at, "orders.hold_resolved", { hold_id: holdId, kind: found.kind }, YOU);
}

export function resolveException(order, at, exceptionId, { resolution }) {
  const found = order.exceptions.find((each) => each.id === exceptionId);
  if (!found) throw notFound("exception");
  Object.assign(found, { resolved_at: at, resolution });
  tell(order, at, "orders.exception_resolved", { exception_id: exceptionId, kind: found.kind }, YOU);
}

export function route(order, at, dice, { trigger = "reserved", split = false, excluded } = {}) {
  for (const group of order.groups) {
    const lines = inBucket(order, "reserved", group.number).map(([number, quantity]) => {
      const line = lineOf(order, number);
      return { id: `${order.id}-${number}`, number, quantity, weight: line.weight, line };
    });
    if (!lines.length) continue;
    const decision = decide(dice, order, group, lines, { split, excluded });
    order.plans.unshift({ plan_no: order.plans.length + 1, group: group.number, trigger, cost: decision.cost, currency: order.currency, exact: true, at, explanation: decision });
    move(order, "reserved", "allocated", lines.map((line) => [line.number, line.quantity]));
    Object.assign(group, { ship_on: day(at, 1), promised_from: day(at, 2), promised_by: day(at, 3) });
    group.promise = { parcels: decision.parcels.map(() => promised(at)) };
    tell(order, at, "orders.routed", { units: lines.map((line) => [line.number, line.quantity]), plan_no: order.plans[0].plan_no, cost_minor: decision.cost });
    for (const parcel of decision.parcels) plan(order, at, group, parcel, lines);
  }
}

const promised = (at) => ({
  start: "after_cut_off",
  terms: [
    { step: "begun", on: day(at, 1), working_days: 1, passed_over: [] },
    { step: "shipped", on: day(at, 1), working_days: 0, passed_over: [] },
    { step: "collected", on: day(at, 1), working_days: 0, passed_over: [] },
    { step: "delivered_from", on: day(at, 2), working_days: 1, passed_over: [] },
    { step: "delivered_by", on: day(at, 3), working_days: 2, passed_over: [] },
  ],
});

function plan(order, at, group, parcel, lines) {
  const number = `F-${order.number.slice(2)}-${order.fulfillment_orders.length + 1}`;
  const location = decisionPlace(order, parcel);
  const work = {
    id: id("ful"), number, order_id: order.id, group: group.number, location, method: group.method, status: "planned", recall: "none",
    recall_reason: "", recall_by: null, ship_on: day(at, 1), created_at: at, released_at: null, version: 1, packages: [],
    lines: parcel.lines.map(({ line_id, quantity }) => {
      const { line } = lines.find((each) => each.id === line_id);
      return { line_no: line.line_no, sku: line.sku, title: line.title, quantity, to_pick: quantity, picked: 0, packed: 0, shipped: 0, short: 0, cancelled: 0, cancel_requested: 0 };
    }),
  };
  order.fulfillment_orders.push(work);
  tell(order, at, "fulfillment.planned", { number, group_no: group.number, units: work.lines.map((line) => [line.line_no, line.quantity]) });
}

function decisionPlace(order, parcel) {
  const found = order.plans[0].explanation.considered.find((each) => each.location_id === parcel.location_id);
  return { id: found.location_id, code: found.code, name: found.name };
}

export function release(order, at) {
  for (const work of order.fulfillment_orders.filter((each) => each.status === "planned")) {
    const units = work.lines.map((line) => [line.line_no, left(line)]);
    move(order, "allocated", "released", units);
    Object.assign(work, { status: "released", released_at: at });
    tell(order, at, "orders.released", { units });
    tell(order, at, "fulfillment.released", { fulfillment_order_id: work.id, units });
  }
}

export function cancelPlan(order, wanted) {
  const asked = wanted ?? order.lines.map((line) => ({ line: line.line_no, quantity: line.ordered }));
  const result = { now: [], recall: [], too_late: [], value: 0, still_due: 0, currency: order.currency };
  for (const { line: number, quantity } of asked) {
    const line = lineOf(order, number);
    const free = CANCELLABLE.reduce((sum, bucket) => sum + line.buckets[bucket], 0);
    const now = Math.min(quantity, free);
    const recalled = Math.min(quantity - now, line.buckets.released);
    const late = wanted ? quantity - now - recalled : 0;
    if (now) result.now.push({ line_no: number, quantity: now });
    if (recalled) result.recall.push({ line_no: number, quantity: recalled });
    if (late) result.too_late.push({ line_no: number, quantity: late });
    result.value += share(line, now);
  }
  result.still_due = shown(order).totals.due - result.value;
  return result;
}

export function cancel(order, at, { lines, reason }, actor = YOU) {
  const planned = cancelPlan(order, lines);
  if (planned.too_late.length || (!planned.now.length && !planned.recall.length)) {
    throw refused("too_late", "These units were shipped or cancelled already; a return may still help.", "lines");
  }
  for (const { line_no, quantity } of planned.now) {
    let rest = quantity;
    for (const bucket of CANCELLABLE) {
      const taken = Math.min(rest, lineOf(order, line_no).buckets[bucket]);
      if (taken) move(order, bucket, "cancelled", [[line_no, taken]]);
      if (taken && bucket === "allocated") withdraw(order, line_no, taken);
      rest -= taken;
    }
  }
  const units = planned.now.map((each) => [each.line_no, each.quantity]);
  if (units.length) tell(order, at, "orders.cancelled", { units, why: reason }, actor);
  if (planned.recall.length) ask(order, at, planned.recall, reason, true);
  if (statusOf(order) === "cancelled") settleMoney(order, at);
}

function withdraw(order, number, quantity) {
  let rest = quantity;
  for (const work of order.fulfillment_orders.filter((each) => each.status === "planned")) {
    for (const line of work.lines.filter((each) => each.line_no === number)) {
      const taken = Math.min(rest, left(line));
      line.cancelled += taken;
      line.to_pick -= taken;
      rest -= taken;
    }
    if (work.lines.every((line) => !left(line))) work.status = "cancelled";
  }
}

function settleMoney(order, at) {
  for (const payment of order.payments.filter((each) => each.status === "authorised")) {
    payment.voided = payment.authorised - payment.captured;
    payment.status = payment.captured ? "captured" : "voided";
    tell(order, at, "payments.voided", { amount_minor: payment.voided, currency: order.currency });
  }
}

// Work whose recalled units are cancelled when they come back; others are routed again.
const cancelling = new WeakSet();

function ask(order, at, units, reason, forGood = false) {
  for (const { line_no, quantity } of units) {
    let rest = quantity;
    for (const work of order.fulfillment_orders) {
      const line = work.lines.find((each) => each.line_no === line_no);
      if (!line || !rest || !WORK[work.status] || work.status === "planned") continue;
      const asked = Math.min(rest, left(line) - line.cancel_requested);
      if (asked <= 0) continue;
      line.cancel_requested += asked;
      rest -= asked;
      Object.assign(work, { recall: "requested", recall_reason: reason, recall_by: new Date(new Date(at).getTime() + 4 * 3600e3).toISOString() });
      if (forGood) cancelling.add(work);
      tell(order, at, "fulfillment.recall_requested", { reason, units: [[line_no, asked]] }, YOU);
      if (work.status === "released") answerRecall(order, at, work, { accepted: true, reason: "not begun" });
    }
  }
}

export function recall(order, at, { lines, reason }) {
  if (!reason) throw invalid("A recall needs a reason.", "reason");
  const wanted = lines?.map(({ line, quantity }) => ({ line_no: line, quantity }));
  ask(order, at, wanted ?? inBucket(order, "released").map(([line_no, quantity]) => ({ line_no, quantity })), reason);
  hold(order, at, { reason: `Recalled: ${reason}`, blocks: ["route", "release"] });
}

export function editPlan(order, quantities = []) {
  const before = order.totals.total;
  let after = before;
  const missing = [];
  const problems = [];
  for (const { line: number, quantity } of quantities) {
    const line = lineOf(order, number);
    const fixed = line.buckets.released + line.buckets.shipped;
    if (quantity < fixed) problems.push(`Line ${number}: ${fixed} units were released already.`);
    after += Math.round((line.total * (quantity - line.ordered)) / line.ordered);
    if (quantity - line.ordered > 6) missing.push({ line_no: number, quantity: quantity - line.ordered - 6 });
  }
  const covered = order.payments.reduce((sum, each) => sum + each.authorised, 0);
  return { total_before: before, total_after: after, uncovered: order.channel.external ? 0 : Math.max(0, after - covered), currency: order.currency, missing, problems };
}

export function edit(order, at, { address, quantities, reason }) {
  if (!address && !quantities) throw invalid("Give an address or quantities.", "quantities");
  if (address) {
    if (!/\d/.test(address.address.lines.join(" "))) throw invalid("A house number is missing.", "address.lines.0");
    const group = order.groups.find((each) => each.number === address.group);
    group.address = { region: "", company: "", ...address.address };
    tell(order, at, "orders.edited", { kind: "address", change_no: order.version }, YOU, reason);
  }
  if (quantities) {
    const planned = editPlan(order, quantities);
    if (planned.problems.length) throw refused("edit_too_late", planned.problems.join(" "), "quantities");
    for (const { line: number, quantity } of quantities) resize(order, lineOf(order, number), quantity);
    tell(order, at, "orders.edited", { kind: "quantities", change_no: order.version, total_minor: order.totals.total }, YOU, reason);
  }
}

function resize(order, line, quantity) {
  const change = quantity - line.ordered;
  const worth = Math.round((line.total * change) / line.ordered);
  if (change > 0) line.buckets.reserved += change;
  let rest = -change;
  for (const bucket of CANCELLABLE.toReversed()) {
    const taken = Math.max(0, Math.min(rest, line.buckets[bucket]));
    line.buckets[bucket] -= taken;
    if (taken && bucket === "allocated") withdraw(order, line.line_no, taken);
    rest -= taken;
  }
  line.ordered = quantity;
  line.total += worth;
  order.totals.goods += worth;
  order.totals.total += worth;
}

export function unpark(order, at, { line: number, sku }, catalog) {
  const found = catalog.find((each) => each.sku === sku);
  if (!found) throw invalid(`The catalogue does not have ${sku}.`, "sku");
  const line = lineOf(order, number);
  const quantity = line.buckets.parked;
  move(order, "parked", "reserved", [[number, quantity]]);
  Object.assign(line, { sku: found.sku, title: found.title, weight: found.weight });
  tell(order, at, "orders.unparked", { units: [[number, quantity]] }, YOU);
  for (const each of order.exceptions) {
    if (each.kind === "unknown_sku" && !each.resolved_at) Object.assign(each, { resolved_at: at, resolution: "The line has its SKU." });
  }
}

// ── work at a location ───────────────────────────────────────────────────────────────────────

function check(work, action) {
  const legal = workActions(work);
  if (legal.includes(action)) return;
  throw refused("illegal_action", `${work.number} is ${work.status}, which does not allow to ${action.replace("_", " ")}. It allows: ${legal.join(", ") || "nothing"}.`);
}

export function accept(order, at, work, actor = YOU) {
  check(work, "accept");
  work.status = "accepted";
  tell(order, at, "fulfillment.accepted", { fulfillment_order_id: work.id }, actor);
}

export function reject(order, at, work, { reason }, dice) {
  check(work, "reject");
  const units = work.lines.map((line) => [line.line_no, left(line)]);
  for (const line of work.lines) Object.assign(line, { cancelled: line.cancelled + left(line), to_pick: 0 });
  work.status = "rejected";
  tell(order, at, "fulfillment.rejected", { location_id: work.location.id, reason, units }, YOU);
  move(order, "released", "allocated", units);
  move(order, "allocated", "reserved", units);
  route(order, at, dice, { trigger: "rejected", excluded: new Map([[work.location.id, `rejected: ${reason}`]]) });
  release(order, at);
}

export function pick(order, at, work, { lines }, dice) {
  check(work, "pick");
  for (const { line: number, picked, short = 0 } of lines) {
    const line = work.lines.find((each) => each.line_no === number);
    if (!line || picked + short > line.to_pick) throw invalid(`Line ${number} has ${line?.to_pick ?? 0} units to pick.`, "lines.0.picked");
    line.to_pick -= picked + short;
    line.picked += picked;
    line.short += short;
    if (picked) tell(order, at, "fulfillment.picked", { units: [[number, picked]] }, YOU);
    if (short) missing(order, at, work, number, short, dice);
  }
  work.status = work.lines.some((line) => line.to_pick) ? "accepted" : "picked";
  if (work.lines.every((line) => !left(line))) work.status = "cancelled";
}

function missing(order, at, work, number, short, dice) {
  tell(order, at, "fulfillment.short_picked", { location_id: work.location.id, units: [[number, short]] }, YOU);
  move(order, "released", "open", [[number, short]]);
  tell(order, at, "orders.short", { units: [[number, short]], location_id: work.location.id });
  move(order, "open", "reserved", [[number, short]]);
  route(order, at, dice, { trigger: "short", excluded: new Map([[work.location.id, "short pick: the units are missing there"]]) });
}

export function pack(order, at, work, { packages }) {
  check(work, "pack");
  for (const { weight_g, lines } of packages) {
    for (const { line: number, quantity } of lines) {
      const line = work.lines.find((each) => each.line_no === number);
      if (!line || line.picked < quantity) throw invalid(`Line ${number} has ${line?.picked ?? 0} picked units.`, "packages.0.lines");
      line.picked -= quantity;
      line.packed += quantity;
    }
    work.packages.push({ id: id("pkg"), number: work.packages.length + 1, weight_g, voided: false, lines: lines.map((each) => [each.line, each.quantity]) });
  }
  tell(order, at, "fulfillment.packed", { units: packages.flatMap((each) => each.lines.map((line) => [line.line, line.quantity])) }, YOU);
  if (work.lines.some((line) => line.picked || line.to_pick)) return;
  work.status = work.method === "pickup" ? "ready" : "packed";
  if (work.status === "ready") tell(order, at, "fulfillment.ready", { location_id: work.location.id });
}

export function ship(order, at, work, { service } = {}) {
  check(work, "ship");
  const failed = order.shipments.find((each) => each.fulfillment_order_id === work.id && each.status === "label_failed");
  if (failed) return retryLabels(order, at, failed);
  const units = work.lines.filter((line) => line.packed).map((line) => [line.line_no, line.packed]);
  order.shipments.push({
    id: id("shp"), number: `S-${order.number.slice(2)}-${order.shipments.length + 1}`, order_id: order.id, fulfillment_order_id: work.id, location_id: work.location.id,
    carrier: "flat", service: service || "parcel-standard", status: "labelling", tracking_no: "", cost: 0, currency: order.currency, shipped_at: null, delivered_at: null,
    lines: units.map(([line_no, quantity]) => ({ line_no, quantity })),
    labels: work.packages.map((each) => ({ package_id: each.id, state: "requested", tracking_no: "", error: "" })),
    events: [], actions: [],
  });
  buyLabels(order, at, work, order.shipments.at(-1), (each) => each.weight_g > HEAVIEST_G);
}

// The carrier refuses what is too heavy, until it is asked again.
const HEAVIEST_G = 31_500;

function buyLabels(order, at, work, sent, refuses) {
  const tracking = `00340434${String(order.seed * 7919 + order.shipments.length).padStart(12, "1").slice(-12)}`;
  for (const [n, label] of sent.labels.entries()) {
    const parcel = work.packages.find((each) => each.id === label.package_id);
    if (refuses(parcel)) Object.assign(label, { state: "refused", error: `no service takes ${parcel.weight_g} g` });
    else if (label.state !== "bought") Object.assign(label, { state: "bought", tracking_no: n ? `${tracking}${n}` : tracking, error: "" });
  }
  sent.cost = sent.labels.filter((each) => each.state === "bought").length * (540 + (order.seed % 7) * 40);
  if (sent.labels.some((each) => each.state === "refused")) {
    Object.assign(sent, { status: "label_failed", actions: ["retry_labels", "void"] });
    tell(order, at, "shipping.label_refused", {});
    return raise(order, at, "label_refused", sent.number, `${sent.carrier} refused the label: too heavy.`, "Mend what it names and retry the labels, or void the shipment and ship it otherwise.");
  }
  Object.assign(sent, { status: "shipped", actions: [], shipped_at: at, tracking_no: sent.labels[0]?.tracking_no ?? "" });
  labelsSettled(order, at, sent, "The carrier sold the label.");
  leave(order, at, work, sent.lines.map((each) => [each.line_no, each.quantity]), sent);
}

function labelsSettled(order, at, sent, resolution) {
  for (const each of order.exceptions) {
    if (each.kind === "label_refused" && each.subject === sent.number && !each.resolved_at) Object.assign(each, { resolved_at: at, resolution });
  }
}

function mayBe(sent, action) {
  if (!sent.actions.includes(action)) throw refused("shipment_action_illegal", `${sent.number} is ${sent.status}, which does not allow to ${action.replace("_", " ")}.`);
}

export function retryLabels(order, at, sent) {
  mayBe(sent, "retry_labels");
  tell(order, at, "shipping.labels_retried", {}, YOU);
  buyLabels(order, at, order.fulfillment_orders.find((each) => each.id === sent.fulfillment_order_id), sent, () => false);
}

export function voidShipment(order, at, sent) {
  mayBe(sent, "void");
  tell(order, at, "shipping.voided", {}, YOU);
  for (const label of sent.labels.filter((each) => each.state === "bought")) {
    label.state = "voided";
    tell(order, at, "shipping.label_voided", { tracking_no: label.tracking_no });
  }
  Object.assign(sent, { status: "voided", actions: [], cost: 0 });
  labelsSettled(order, at, sent, "The shipment was given up.");
}

function leave(order, at, work, units, sent = order.shipments.at(-1)) {
  for (const line of work.lines) Object.assign(line, { shipped: line.shipped + line.packed, packed: 0 });
  work.status = "done";
  move(order, "released", "shipped", units);
  tell(order, at, "shipping.label_bought", { tracking_no: sent.tracking_no });
  tell(order, at, "orders.shipped", { units, shipment_id: sent.id });
  capture(order, at, units);
  note(order, at, "shipped");
}

function capture(order, at, units) {
  const payment = order.payments.find((each) => each.status === "authorised");
  if (!payment) return;
  const first = !payment.captured;
  const due = units.reduce((sum, [number, quantity]) => sum + share(lineOf(order, number), quantity), 0);
  const amount = Math.min(payment.authorised - payment.captured, due + (first ? order.totals.charges : 0));
  payment.captured += amount;
  if (payment.captured >= payment.authorised) payment.status = "captured";
  tell(order, at, "payments.captured", { amount_minor: amount, currency: order.currency });
}

export function handOver(order, at, work, { code }) {
  check(work, "hand_over");
  if (code !== "246810") throw refused("pickup_code_wrong", "This is not the code; 4 tries left.", "code");
  const units = work.lines.map((line) => [line.line_no, line.packed]);
  order.shipments.push({
    id: id("shp"), number: `S-${order.number.slice(2)}-${order.shipments.length + 1}`, order_id: order.id, fulfillment_order_id: work.id, location_id: work.location.id, carrier: "pickup", service: "", status: "delivered",
    tracking_no: "", cost: 0, currency: order.currency, shipped_at: at, delivered_at: at, lines: units.map(([line_no, quantity]) => ({ line_no, quantity })),
    labels: [], events: [], actions: [],
  });
  leave(order, at, work, units);
  for (const [number, quantity] of units) lineOf(order, number).delivered += quantity;
  tell(order, at, "fulfillment.handed_over", { units }, YOU);
}

export function answerRecall(order, at, work, { accepted, reason }) {
  const forGood = cancelling.delete(work);
  const asked = work.lines.filter((line) => line.cancel_requested).map((line) => [line.line_no, line.cancel_requested]);
  work.recall = accepted ? "accepted" : "rejected";
  for (const [number, quantity] of asked) {
    const line = work.lines.find((each) => each.line_no === number);
    line.cancel_requested = 0;
    if (!accepted) continue;
    line.cancelled += quantity;
    for (let rest = quantity; rest > 0; rest--) line[["to_pick", "picked", "packed"].find((name) => line[name])] -= 1;
    move(order, "released", "allocated", [[number, quantity]]);
    move(order, "allocated", forGood ? "cancelled" : "reserved", [[number, quantity]]);
  }
  if (work.lines.every((line) => !left(line))) {
    work.status = "cancelled";
    for (const each of work.packages) each.voided = true;
  }
  tell(order, at, "fulfillment.recall_answered", { answer: work.recall, reason, units: asked }, YOU);
  if (!accepted) raise(order, at, "recall_refused", work.number, `${work.number} could not be recalled: rejected.`, "Tell the customer that it ships all the same; offer a return.");
  else tell(order, at, forGood ? "orders.cancelled" : "orders.recalled", { units: asked, why: work.recall_reason });
}

export function track(order, at, code, text, place) {
  const sent = order.shipments.at(-1);
  sent.events.unshift({ code, text, place, occurred_at: at });
  sent.status = { picked_up: "in_transit" }[code] ?? code;
  tell(order, at, `shipping.${sent.status}`, { tracking_no: sent.tracking_no }, "key:carrier");
  if (code === "exception") raise(order, at, "carrier_exception", sent.number, `The shipment ${sent.number} is held up.`, "Look at the tracking; call the carrier.");
  if (code !== "delivered") return;
  sent.delivered_at = at;
  for (const { line_no, quantity } of sent.lines) lineOf(order, line_no).delivered += quantity;
  tell(order, at, "orders.delivered", { units: sent.lines.map((each) => [each.line_no, each.quantity]) });
  note(order, at, "delivered");
}

export function note(order, at, kind) {
  order.messages.push({ id: id("msg"), kind, state: "sent", recipient: order.customer.email, created_at: at, sent_at: at });
  tell(order, at, "notifications.sent", { kind });
}
