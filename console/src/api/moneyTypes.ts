// What the API says of payments, invoices and the books. Amounts are minor units.

import type { Day, Id, Instant, Payment } from "./types";

/** One thing that was asked of a provider. */
export interface Effect {
  id: Id;
  kind: "authorise" | "capture" | "void" | "refund";
  state: "requested" | "succeeded" | "declined";
  amount: number;
  provider_ref: string;
  via: string;
  reason: string;
  error: string;
  action_url: string;
  requested_at: Instant;
  settled_at: Instant | null;
}

export interface Tender extends Payment {
  refunding: number;
  expires_at: Instant | null;
  pays_for: Id | null;
  effects: Effect[];
}

export interface Receivable {
  id: Id;
  currency: string;
  amount: number;
  paid: number;
  cause: string;
  opened_at: Instant;
  settled_at: Instant | null;
}

export interface Payments {
  order_id: Id;
  status: string;
  refundable: number;
  payments: Tender[];
  receivables: Receivable[];
}

export interface RefundPreview {
  currency: string;
  before: number;
  parts: { payment_id: Id; provider: string; amount: number }[];
  missing: number;
  refundable: number;
}

export interface Invoice {
  id: Id;
  kind: "invoice" | "credit_memo";
  number: string;
  issued_on: Day;
  issued_at: Instant;
  currency: string;
  net: number;
  tax: number;
  total: number;
  paid: number;
  due: number;
  buyer: string;
  orders: string[];
}

/** A legal entity, as its invoices name it. */
export interface Issuer {
  code: string;
  name: string;
}

export interface EntryLine {
  account: string;
  key: string;
  code: string;
  debit: number;
  credit: number;
  base_debit: number;
  base_credit: number;
  sku: string | null;
  units: number;
}

export interface Entry {
  id: Id;
  legal_entity: string;
  no: number;
  booked_on: Day;
  belongs_on: Day;
  currency: string;
  base_currency: string;
  fact: string;
  rule: string;
  memo: string;
  note: string;
  lines: EntryLine[];
}

export interface Balance {
  account: string;
  name: string;
  kind: string | null;
  currency: string;
  base_opening: number;
  base_debit: number;
  base_credit: number;
  base_closing: number;
}

export interface TrialBalance {
  legal_entity: string;
  base_currency: string;
  first: Day;
  last: Day;
  debit: number;
  credit: number;
  balances: Balance[];
}

export interface LedgerLine {
  entry_id: Id;
  entry_no: number;
  booked_on: Day;
  fact: string;
  order_id: Id | null;
  memo: string;
  key: string;
  code: string;
  currency: string;
  amount: number;
  base: number;
  balance: number;
}

export interface Ledger {
  account: string;
  name: string;
  base_currency: string;
  opening: number;
  data: LedgerLine[];
  next: string | null;
}

/** A fact that could not be booked. */
export interface Parked {
  source_id: Id;
  fact: string;
  at: Instant;
  code: string;
  reason: string;
  amounts: Record<string, unknown>;
}
