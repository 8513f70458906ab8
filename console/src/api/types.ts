// What the API sends and takes. Amounts are minor units of the currency beside them, weights are
// grams, instants are ISO 8601 in UTC, days are YYYY-MM-DD.

export type Id = string;
export type Instant = string;
export type Day = string;

export interface Page<T> {
  data: T[];
  next: string | null;
}

export interface ProblemBody {
  type?: string;
  title?: string;
  status?: number;
  code: string;
  detail: string;
  field?: string | null;
  problems?: { field: string; detail: string }[];
}

// ── who is signed in ─────────────────────────────────────────────────────────────────────────

export interface Session {
  actor: string;
  permissions: string[];
  location_ids: Id[] | null;
  user: { id: Id; email: string; name: string; roles: string[] } | null;
  merchant: { handle: string; name: string };
}

export interface SignIn {
  merchant?: string;
  email: string;
  password: string;
}

// ── orders ───────────────────────────────────────────────────────────────────────────────────

export type OrderStatus =
  | "parked"
  | "open"
  | "backordered"
  | "reserved"
  | "allocated"
  | "released"
  | "partly_shipped"
  | "shipped"
  | "delivered"
  | "cancelled";
export type Health = "ok" | "attention" | "blocked";
export type Bucket =
  | "parked"
  | "open"
  | "backordered"
  | "reserved"
  | "allocated"
  | "released"
  | "shipped"
  | "cancelled";
export type OrderAction =
  | "cancel"
  | "change"
  | "edit_address"
  | "edit_quantity"
  | "hold"
  | "recall"
  | "release"
  | "resolve_hold"
  | "route"
  | "unpark";

export interface Place {
  id: Id;
  code: string;
  name: string;
}

export interface OrderRow {
  id: Id;
  number: string;
  external_id: string;
  channel: Place;
  status: OrderStatus;
  health: Health;
  payment_status: string;
  buyer_name: string;
  currency: string;
  total: number;
  units: number;
  placed_at: Instant;
  promised_by: Day | null;
  version: number;
}

export interface Counts {
  by_status: Partial<Record<OrderStatus, number>>;
  by_health: Partial<Record<Health, number>>;
  exceptions: number;
  parked_jobs: number;
}

export interface Address {
  name: string;
  lines: string[];
  city: string;
  country: string;
  postal_code: string;
  region: string;
  company: string;
}

export interface Group {
  number: number;
  method: "ship" | "pickup";
  location: Place | null;
  recipient: string;
  address: Address | null;
  service: string;
  needed_by: Day | null;
  ship_on: Day | null;
  promised_from: Day | null;
  promised_by: Day | null;
  promise: Record<string, unknown> | null;
}

export interface Line {
  line_no: number;
  group: number;
  kind: "goods" | "service" | "gift_card";
  sku: string;
  title: string;
  unit_price: number;
  discount: number;
  tax: number;
  total: number;
  ordered: number;
  buckets: Record<Bucket, number>;
  delivered: number;
  lost: number;
  returned: number;
}

export interface Hold {
  id: Id;
  kind: string;
  reason: string;
  blocks: string[];
  author: string;
  placed_at: Instant;
  line_no: number | null;
  resolved_at: Instant | null;
  resolved_by: string | null;
  resolution: string | null;
}

export interface OrderException {
  id: Id;
  order_id: Id | null;
  kind: string;
  subject: string;
  cause: string;
  suggestion: string;
  owner_id: Id | null;
  opened_at: Instant | null;
  resolved_at: Instant | null;
  resolution: string | null;
}

export interface Units {
  line_no: number;
  quantity: number;
}

export type WorkStatus =
  | "planned"
  | "released"
  | "accepted"
  | "picked"
  | "packed"
  | "ready"
  | "done"
  | "rejected"
  | "cancelled";
export type WorkAction =
  | "accept"
  | "reject"
  | "pick"
  | "pack"
  | "ship"
  | "hand_over"
  | "recall"
  | "answer_recall";

export interface WorkLine {
  line_no: number;
  sku: string;
  title: string;
  quantity: number;
  to_pick: number;
  picked: number;
  packed: number;
  shipped: number;
  short: number;
  cancelled: number;
  cancel_requested: number;
}

export interface Package {
  id: Id;
  number: number;
  weight_g: number;
  voided: boolean;
  lines: [line_no: number, quantity: number][];
}

export interface Work {
  id: Id;
  number: string;
  order_id: Id;
  group: number;
  location: Place;
  method: "ship" | "pickup";
  status: WorkStatus;
  recall: "none" | "requested" | "accepted" | "rejected" | "timed_out";
  recall_reason: string;
  recall_by: Instant | null;
  ship_on: Day | null;
  created_at: Instant | null;
  released_at: Instant | null;
  version: number;
  lines: WorkLine[];
  packages: Package[];
  actions: WorkAction[];
}

export interface Label {
  package_id: Id;
  state: "requested" | "bought" | "refused" | "voided";
  tracking_no: string;
  error: string;
}

export interface TrackingEvent {
  code: string;
  text: string;
  place: string;
  occurred_at: Instant;
}

export type ShipmentAction = "retry_labels" | "void";

export interface Shipment {
  id: Id;
  number: string;
  order_id: Id;
  fulfillment_order_id: Id | null;
  location_id: Id | null;
  carrier: string;
  service: string;
  status: string;
  tracking_no: string;
  cost: number;
  currency: string;
  shipped_at: Instant | null;
  delivered_at: Instant | null;
  lines: Units[];
  labels: Label[];
  events: TrackingEvent[];
  actions: ShipmentAction[];
}

export interface Payment {
  id: Id;
  rank: number;
  provider: string;
  method: string;
  currency: string;
  amount: number;
  status: string;
  authorised: number;
  captured: number;
  capturing: number;
  refunded: number;
  voided: number;
}

export interface Message {
  id: Id;
  kind: string;
  state: string;
  recipient: string;
  created_at: Instant;
  sent_at: Instant | null;
}

export interface Order {
  id: Id;
  number: string;
  external_id: string;
  channel: Place;
  status: OrderStatus;
  health: Health;
  payment_status: string;
  version: number;
  mode: "live" | "history";
  customer: { id: Id | null; name: string; email: string; phone: string };
  language: string;
  currency: string;
  prices_include_tax: boolean;
  totals: {
    goods: number;
    charges: number;
    tax: number;
    total: number;
    captured: number;
    refunded: number;
    receivable: number;
    due: number;
  };
  placed_at: Instant;
  taken_at: Instant;
  note: string;
  attributes: Record<string, string>;
  groups: Group[];
  lines: Line[];
  charges: { number: number; kind: string; title: string; amount: number; tax: number; waives: number | null }[];
  holds: Hold[];
  exceptions: OrderException[];
  fulfillment_orders: Work[];
  shipments: Shipment[];
  payments: Payment[];
  messages: Message[];
  pending_changes: { number: number; kind: string; reason: string; actor: string; at: Instant }[];
  actions: OrderAction[];
  tracking_url: string;
}

export interface Fact {
  seq: number;
  at: Instant;
  fact: string;
  actor: string;
  cause: string;
  data: Record<string, unknown>;
}

// ── previews ─────────────────────────────────────────────────────────────────────────────────

export interface CancelPreview {
  now: Units[];
  recall: Units[];
  too_late: Units[];
  value: number;
  still_due: number;
  currency: string;
}

/** What a change would do to money, stock, dates and work; amounts in minor units. */
export interface ChangePreview {
  version: number;
  currency: string;
  possible: boolean;
  problems: string[];
  lines: { line_no: number; sku: string; title: string; quantity_before: number; quantity_after: number; total_before: number; total_after: number }[];
  money: {
    payable_before: number;
    payable_after: number;
    tax_before: number;
    tax_after: number;
    to_ask: number;
    given_back: number;
    let_go: number;
    outside: number;
    refunds: { method: string; provider: string; amount: number }[];
  };
  stock: { line_no: number; area: string; quantity: number }[];
  missing: Units[];
  promises: { group: number; before: string | null; after: string | null }[];
  recalls: { number: string; location: string; at_once: boolean; lines: Units[] }[];
  planned: { location: string; ship_on: string | null; lines: Units[] }[];
}

export interface Hit {
  id: Id;
  name: string;
  detail: string;
}

/** What a search found, by kind. */
export interface Found {
  orders: OrderRow[];
  customers: Hit[];
  drafts: Hit[];
  returns: Hit[];
  skus: Hit[];
}

export interface EditPreview {
  total_before: number;
  total_after: number;
  uncovered: number;
  currency: string;
  missing: Units[];
  problems: string[];
}

// ── routing: a decision with all that it was made from ───────────────────────────────────────

export interface LineUnits {
  line_id: Id;
  quantity: number;
}

export interface Quote {
  service: string;
  zone: number;
  min_days: number;
  max_days: number;
  days_late: number;
  packages: number;
  freight: number;
  late: number;
}

export interface PlannedParcel {
  location_id: Id;
  location_code: string;
  lines: LineUnits[];
  weight_g: number;
  distance_km: number;
  distance_known: boolean;
  quote: Quote;
  pack: number;
  pick: number;
  cost: number;
}

export interface Offer {
  line_count: number;
  lines: LineUnits[];
  weight_g: number;
  parcels: number;
  quote: Quote;
  freight: number;
  late: number;
  pack: number;
  pick: number;
  cost: number;
}

export type Verdict =
  | "chosen"
  | "dearer"
  | "tie"
  | "too_many_parcels"
  | "no_stock"
  | "cannot_ship"
  | "out_of_reach"
  | "capacity"
  | "excluded";
export type Proof = "exact" | "at_least" | "found";

export interface Considered {
  location_id: Id;
  code: string;
  name: string;
  kind: string;
  verdict: Verdict;
  cause: string;
  distance_km: number;
  distance_known: boolean;
  offer: Offer | null;
  best_cost: number | null;
  difference: number | null;
  proof: Proof | null;
}

export interface Decision {
  currency: string;
  destination: { country: string; postal_code: string; point: unknown };
  needed_by: Day | null;
  max_parcels: number;
  parcels: PlannedParcel[];
  open_units: { line_id: Id; quantity: number; reason: string }[];
  cost: number;
  exact: boolean;
  lower_bound: number;
  next_best: {
    parcels: PlannedParcel[];
    cost: number;
    difference: number;
    proof: Proof;
  } | null;
  considered: Considered[];
}

export interface Plan {
  plan_no: number;
  group: number;
  trigger: string;
  cost: number;
  currency: string;
  exact: boolean;
  at: Instant;
  explanation: Decision;
}

// ── around the orders ────────────────────────────────────────────────────────────────────────

/** Work of the program itself that failed too often and waits for a person. */
export interface Job {
  id: Id;
  kind: string;
  attempts: number;
  error: string;
  created_at: Instant;
}

export interface Channel {
  id: Id;
  code: string;
  name: string;
}
