// The words and colours of returns, refunds and papers.

import type { Grade, ReturnStatus, Terms } from "../api/returnTypes";
import { money, plural } from "./format";
import { type Said, sentence } from "./status";

export const RETURN: Record<ReturnStatus, Said> = {
  requested: { word: "Asked for", tone: "wait", help: "No decision yet" },
  flagged: { word: "To decide", tone: "warn", help: "A person has to decide" },
  asked: { word: "Customer asked", tone: "wait", help: "The customer has to say more, or to choose" },
  approved: { word: "Approved", tone: "plan", help: "The goods may come back" },
  refused: { word: "Refused", tone: "bad", help: "The goods may not come back" },
  on_its_way: { word: "On its way", tone: "move", help: "The goods are on their way back" },
  received: { word: "Came in", tone: "work", help: "Goods wait to be graded" },
  graded: { word: "Graded", tone: "work", help: "All that came in was looked at" },
  settled: { word: "Settled", tone: "good", help: "The money is decided; goods wait to be put away" },
  closed: { word: "Closed", tone: "good", help: "Nothing is left to do" },
  cancelled: { word: "Called off", tone: "quiet" },
  expired: { word: "Did not come", tone: "warn", help: "The goods did not come in time" },
};

export const GRADE: Record<Grade, Said> = {
  A: { word: "A", tone: "good", help: "As new" },
  B: { word: "B", tone: "plan", help: "Used" },
  C: { word: "C", tone: "warn", help: "Damaged" },
  scrap: { word: "Scrap", tone: "bad", help: "Worth nothing" },
};

export const DISPOSITION: Record<string, string> = {
  restock: "Back to stock",
  refurbish: "Refurbish",
  repair: "Repair",
  donate: "Donate",
  return_to_vendor: "Back to the vendor",
  write_off: "Write off",
};

export const GOES_TO: Record<string, string> = {
  original: "To where it came from",
  store_credit: "Store credit",
  exchange: "Exchange",
  elsewhere: "Given back elsewhere",
  none: "Nothing goes back",
};

export const CAUSE: Record<string, string> = {
  request: "Asked for by the customer",
  refused_parcel: "Parcel refused",
  lost_parcel: "Parcel lost",
  unannounced: "Came unannounced",
  channel: "Reported by the channel",
};

export const OUTCOME: Record<string, Said> = {
  approve: { word: "Approved", tone: "plan" },
  offer: { word: "Something else offered", tone: "wait" },
  ask: { word: "Customer asked for more", tone: "wait" },
  flag: { word: "Left to a person", tone: "warn" },
  refuse: { word: "Refused", tone: "bad" },
};

export const EFFECT: Record<string, string> = {
  authorise: "Authorisation",
  capture: "Capture",
  void: "Release",
  refund: "Refund",
};

export const EFFECT_STATE: Record<string, Said> = {
  requested: { word: "No answer yet", tone: "wait", help: "Asked of the provider; not answered yet" },
  succeeded: { word: "Done", tone: "good" },
  declined: { word: "Declined", tone: "bad" },
};

export const PAPER: Record<string, Said> = {
  invoice: { word: "Invoice", tone: "plan" },
  credit_memo: { word: "Credit memo", tone: "warn" },
};

const REFUND_AT: Record<string, string> = {
  now: "at once",
  scan: "when the carrier has the parcel",
  receipt: "when the goods came in",
  grade: "when the goods were graded",
};

const percent = (points: number): string => `${points / 100} %`;

/** What a return may cost and bring, in sentences. */
export function told(terms: Partial<Terms>, currency: string): string[] {
  const deductions = Object.entries(terms.deductions ?? {}).filter(([, points]) => points > 0);
  return [
    terms.keep ? "The customer keeps the goods" : "",
    terms.refund_at ? `Money goes back ${REFUND_AT[terms.refund_at] ?? sentence(terms.refund_at).toLowerCase()}` : "",
    terms.charges ? "Charges go back with the last unit of the order" : "",
    terms.credit_only ? "As store credit only" : "",
    (terms.part_bp ?? 10_000) < 10_000 ? `${percent(terms.part_bp ?? 0)} of the price` : "",
    terms.restocking_bp ? `Restocking fee of ${percent(terms.restocking_bp)}` : "",
    terms.label_fee_minor ? `Label fee of ${money(terms.label_fee_minor, currency)}` : "",
    terms.bonus_bp ? `${percent(terms.bonus_bp)} more as store credit` : "",
    deductions.length ? `Taken off by grade: ${deductions.map(([grade, points]) => `${grade} ${percent(points)}`).join(", ")}` : "",
    terms.days && !terms.keep ? `To come in within ${plural(terms.days, "day")}` : "",
  ].filter(Boolean);
}
