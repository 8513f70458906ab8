// A stand-in for the API while the console is worked on: the same shapes, believable orders, and
// actions that change them. It keeps everything in memory and forgets it at the end.
//
//   npm run mock            and, beside it, npm run dev; sign in with any e-mail and "baton"
//   SLOW=800 npm run mock   answers after 800 ms
//
// What `npm run build` made is served at /console/ under the content security policy of the product.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import * as verbs from "./order.js";
import { paper } from "./paper.js";
import { invalid, notFound, Problem } from "./problem.js";
import { seeded } from "./seed.js";
import { catalog, chance, channels, id, PASSWORD, session } from "./world.js";

const PORT = Number(process.env.PORT ?? 4600);
const SLOW = Number(process.env.SLOW ?? 0);
const BUILT = fileURLToPath(new URL("../dist/", import.meta.url));
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

const dice = chance(7);
const orders = seeded(Number(process.env.ORDERS ?? 640), Date.now());
const answers = new Map();
const job = (kind, error, attempts) => ({ id: id("job"), kind, payload: {}, attempts, error, created_at: new Date(Date.now() - 5e6).toISOString() });
const signedIn = new Set();
const parked = [
  job("payments.settle", "The gateway answered 502 Bad Gateway.", 9),
  job("messages.send", "451 4.7.1 Try again later", 7),
];

// ── finding ──────────────────────────────────────────────────────────────────────────────────

function orderOf(ref) {
  const found = orders.find((each) => each.id === ref || each.number === ref.toUpperCase());
  if (!found) throw new Problem(404, "order_not_found", `There is no order '${ref.slice(0, 40)}'.`);
  return found;
}

function workOf(ref) {
  for (const order of orders) {
    const work = order.fulfillment_orders.find((each) => each.id === ref);
    if (work) return [order, work];
  }
  throw notFound("fulfillment order");
}

function shipmentOf(ref) {
  for (const order of orders) {
    const sent = order.shipments.find((each) => each.id === ref);
    if (sent) return [order, sent];
  }
  throw new Problem(404, "shipment_not_found", "No shipment has this id.");
}

function listed(search) {
  const wanted = Object.fromEntries(search);
  const text = (wanted.q ?? "").trim().toLowerCase();
  const matches = (order) =>
    !text ||
    order.number.toLowerCase().startsWith(text) ||
    order.external_id.toLowerCase() === text ||
    order.customer.email === text ||
    order.customer.name.toLowerCase().startsWith(text) ||
    order.lines.some((line) => line.sku.toLowerCase() === text) ||
    order.shipments.some((sent) => sent.tracking_no === text);
  const rows = orders
    .filter((order) => !wanted.channel || order.channel.code === wanted.channel)
    .filter(matches)
    .map(verbs.row)
    .filter((each) => (!wanted.status || each.status === wanted.status) && (!wanted.health || each.health === wanted.health));
  const from = wanted.after ? rows.findIndex((each) => each.id === wanted.after) + 1 : 0;
  const limit = Number(wanted.limit ?? 50);
  const data = rows.slice(from, from + limit);
  return { data, next: from + limit < rows.length ? data.at(-1).id : null };
}

const UNFINISHED = ["parked", "open", "backordered", "reserved", "allocated", "released", "partly_shipped"];

function counted() {
  const by = { by_status: {}, by_health: {} };
  for (const order of orders) {
    const [status, health] = [verbs.statusOf(order), verbs.healthOf(order)];
    if (UNFINISHED.includes(status)) by.by_status[status] = (by.by_status[status] ?? 0) + 1;
    if (health !== "ok") by.by_health[health] = (by.by_health[health] ?? 0) + 1;
  }
  const exceptions = orders.reduce((sum, order) => sum + order.exceptions.filter((each) => !each.resolved_at).length, 0);
  return { ...by, exceptions, parked_jobs: parked.length };
}

// ── routes: method, pattern, what answers ────────────────────────────────────────────────────

const routes = [];
const on = (method, pattern, answer, status = 200) =>
  routes.push({ method, status, answer, match: new RegExp(`^/v1${pattern.replaceAll(/:\w+/g, "([^/]+)")}$`) });

const now = () => new Date().toISOString();
const change = (verb) => ([ref, ...rest], body) => {
  const order = orderOf(ref);
  if (body.version && body.version !== order.version) throw new Problem(409, "order_changed", "The order has changed meanwhile; look again.", "version");
  verb(order, body, ...rest);
  return verbs.shown(order);
};
const workStep = (verb) => ([ref], body) => {
  const [order, work] = workOf(ref);
  verb(order, now(), work, body, dice);
  return verbs.shown(order).fulfillment_orders.find((each) => each.id === ref);
};
const shipmentStep = (verb) => ([ref]) => {
  const [order, sent] = shipmentOf(ref);
  verb(order, now(), sent);
  return sent;
};

on("GET", "/session", () => session);
on("GET", "/channels", () => ({ data: channels.map(({ id, code, name }) => ({ id, code, name })), next: null }));
on("GET", "/orders", (_, __, search) => listed(search));
on("GET", "/orders/counts", counted);
on("GET", "/orders/:order", ([ref]) => verbs.shown(orderOf(ref)));
on("GET", "/orders/:order/timeline", ([ref]) => ({ data: orderOf(ref).facts.toSorted((a, b) => a.at.localeCompare(b.at)), next: null }));
on("GET", "/orders/:order/routing", ([ref]) => ({ data: orderOf(ref).plans, next: null }));
on("POST", "/orders/:order/holds", change((order, body) => verbs.hold(order, now(), body)), 201);
on("POST", "/orders/:order/holds/:hold/resolve", change((order, body, hold) => verbs.resolveHold(order, now(), hold, body)));
on("POST", "/orders/:order/cancel/preview", ([ref], body) => verbs.cancelPlan(orderOf(ref), body.lines));
on("POST", "/orders/:order/cancel", change((order, body) => verbs.cancel(order, now(), body)));
on("POST", "/orders/:order/edit/preview", ([ref], body) => verbs.editPlan(orderOf(ref), body.quantities));
on("POST", "/orders/:order/edit", change((order, body) => verbs.edit(order, now(), body)));
on("POST", "/orders/:order/route", change((order) => setTimeout(() => verbs.route(order, now(), dice, { trigger: "asked by hand" }), 900)));
on("POST", "/orders/:order/release", change((order) => setTimeout(() => verbs.release(order, now()), 900)));
on("POST", "/orders/:order/recall", change((order, body) => verbs.recall(order, now(), body)));
on("POST", "/orders/:order/unpark", change((order, body) => verbs.unpark(order, now(), body, catalog)));
on("GET", "/exceptions", (_, __, search) => {
  const found = orders.flatMap((order) => order.exceptions.filter((each) => !each.resolved_at));
  const oldest = found.toSorted((a, b) => a.opened_at.localeCompare(b.opened_at));
  return { data: oldest.slice(0, Number(search.get("limit") ?? 50)), next: null };
});
on("GET", "/work/parked", () => ({ data: parked, next: null }));
on("POST", "/work/:job/retry", ([ref]) => {
  const at = parked.findIndex((each) => each.id === ref);
  if (at < 0) throw notFound("parked job");
  parked.splice(at, 1);
  return { retried: true };
});
on("POST", "/exceptions/:exception/resolve", ([ref], body) => {
  const order = orders.find((each) => each.exceptions.some((found) => found.id === ref));
  if (!order) throw notFound("exception");
  verbs.resolveException(order, now(), ref, body);
  return verbs.shown(order);
});
on("POST", "/fulfillment-orders/:work/accept", workStep((order, at, work) => verbs.accept(order, at, work)));
on("POST", "/fulfillment-orders/:work/reject", workStep(verbs.reject));
on("POST", "/fulfillment-orders/:work/pick", workStep(verbs.pick));
on("POST", "/fulfillment-orders/:work/pack", workStep(verbs.pack));
on("POST", "/fulfillment-orders/:work/ship", workStep(verbs.ship));
on("POST", "/fulfillment-orders/:work/hand-over", workStep(verbs.handOver));
on("POST", "/fulfillment-orders/:work/answer-recall", workStep(verbs.answerRecall));
on("POST", "/shipments/:shipment/retry-labels", shipmentStep(verbs.retryLabels));
on("POST", "/shipments/:shipment/void", shipmentStep(verbs.voidShipment));

// ── serving ──────────────────────────────────────────────────────────────────────────────────

async function api(request, response, url) {
  const text = await bodyOf(request);
  const body = text ? JSON.parse(text) : {};
  const cookie = /baton_session=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
  if (url.pathname === "/v1/sessions") return signIn(response, body);
  if (!signedIn.has(cookie)) throw new Problem(401, "unauthenticated", "Sign in again.");
  if (request.method !== "GET" && !request.headers["x-baton-console"]) throw new Problem(401, "unauthenticated", "The console's header is missing.");
  if (url.pathname === "/v1/session" && request.method === "DELETE") return signedIn.delete(cookie), send(response, 204);
  const document = /^\/v1\/packages\/(\w+)\/(label|packing-slip)\.pdf$/.exec(url.pathname);
  if (document) return send(response, 200, paper(document[2], document[1]), "application/pdf");
  const key = request.headers["idempotency-key"];
  if (key && answers.has(key)) return send(response, 200, answers.get(key));
  for (const { method, match, answer, status } of routes) {
    const found = match.exec(url.pathname);
    if (!found || method !== request.method) continue;
    const said = JSON.stringify(answer(found.slice(1).map(decodeURIComponent), body, url.searchParams));
    if (key) answers.set(key, said);
    return send(response, status, said);
  }
  throw notFound("endpoint");
}

function signIn(response, { merchant, email, password }) {
  if (merchant && merchant !== session.merchant.handle) throw new Problem(401, "sign_in_failed", "Merchant, e-mail and password don’t belong together.");
  if (!email?.includes("@")) throw invalid("This is no e-mail address.", "email");
  if (password !== PASSWORD) throw new Problem(401, "sign_in_failed", "Merchant, e-mail and password don’t belong together.");
  const handle = id("ses");
  signedIn.add(handle);
  response.setHeader("Set-Cookie", `baton_session=${handle}; Path=/; HttpOnly; SameSite=Strict`);
  send(response, 201, JSON.stringify(session));
}

function bodyOf(request) {
  return new Promise((done, failed) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => done(Buffer.concat(parts).toString()));
    request.on("error", failed);
  });
}

function send(response, status, body = "", type = "application/json") {
  response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" });
  response.end(body);
}

async function file(response, path) {
  const name = normalize(path.replace(/^\/console\/?/, "")) || "index.html";
  const wanted = !name.startsWith("..") && extname(name) ? name : "index.html";
  const content = await readFile(join(BUILT, wanted)).catch(() => null);
  if (!content) return send(response, 404, "Not built: npm run build", "text/plain");
  response.setHeader("Content-Security-Policy", POLICY);
  send(response, 200, content, TYPES[extname(wanted)] ?? "application/octet-stream");
}

async function serve(request, response) {
  const url = new URL(request.url, "http://mock");
  try {
    if (!url.pathname.startsWith("/v1/")) return await file(response, url.pathname);
    if (SLOW) await new Promise((done) => setTimeout(done, SLOW));
    await api(request, response, url);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    send(response, error.status, JSON.stringify(error.body), "application/problem+json");
  }
}

createServer(serve).listen(PORT, "127.0.0.1", () => {
  console.log(`Mock with ${orders.length} orders: http://127.0.0.1:${PORT}/console/ (built), any e-mail, password "${PASSWORD}"`);
});
