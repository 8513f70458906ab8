// What the API says of returns. Amounts are minor units.

import type { Id, Instant, Units } from "./types";

export type ReturnStatus =
  | "requested"
  | "flagged"
  | "asked"
  | "approved"
  | "refused"
  | "on_its_way"
  | "received"
  | "graded"
  | "settled"
  | "closed"
  | "cancelled"
  | "expired";
export type ReturnAction = "approve" | "refuse" | "receive" | "grade" | "dispose" | "settle" | "cancel";
export type Grade = "A" | "B" | "C" | "scrap";

export interface ReturnRow {
  id: Id;
  number: string;
  order_id: Id;
  order_number: string;
  status: ReturnStatus;
  cause: string;
  location: string | null;
  currency: string;
  units: number;
  reasons: string[];
  requested_at: Instant;
  expires_at: Instant | null;
  version: number;
}

export interface Terms {
  refund_at: string;
  keep: boolean;
  charges: boolean;
  label: string;
  label_fee_minor: number;
  restocking_bp: number;
  bonus_bp: number;
  part_bp: number;
  credit_only: boolean;
  days: number;
  deductions: Record<string, number>;
}

export interface ReturnDecision {
  outcome: string;
  rule: string;
  reasons: string[];
  question: string;
  inputs: Record<string, unknown>;
}

export interface ReturnLine {
  line_no: number;
  order_line: number;
  sku_code: string;
  title: string;
  requested: number;
  units: number;
  reason: string;
  condition: string;
  note: string;
  wanted: string;
  exchange_sku: string;
  decision: Partial<ReturnDecision>;
  received: number;
  kept: number;
  missing: number;
  graded: number;
  disposed: number;
  settled: number;
  expected: number;
}

export interface Grading {
  id: Id;
  line_no: number;
  location: string;
  units: number;
  grade: Grade;
  note: string;
  graded_at: Instant;
  graded_by: string;
  disposition: string | null;
  disposed_at: Instant | null;
}

export interface Settled {
  to: string;
  goods: number;
  tax: number;
  charges: number;
  fee: number;
  bonus: number;
  withheld: number;
  amount: number;
}

export interface Settlement extends Settled {
  id: Id;
  settlement_no: number;
  currency: string;
  exchange_order: Id | null;
  settled_at: Instant;
  settled_by: string;
}

export interface SettlePreview {
  currency: string;
  settlements: Settled[];
}

export interface Return extends ReturnRow {
  policy: string;
  terms: Partial<Terms>;
  question: string;
  note: string;
  decided_at: Instant | null;
  decided_by: string;
  closed_at: Instant | null;
  lines: ReturnLine[];
  receipts: { id: Id; location: string; reference: string; received_at: Instant; actor: string; lines: Units[] }[];
  gradings: Grading[];
  labels: { carrier: string; service: string; state: string; tracking_no: string; error: string; scanned_at: Instant | null }[];
  photos: { id: Id; line_no: number; stage: "request" | "grade"; added_at: Instant }[];
  settlements: Settlement[];
  legal_actions: string[];
}
