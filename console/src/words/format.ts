// Money, dates and units as people read them.

const LOCALE = typeof navigator === "undefined" ? "en" : navigator.language;
const moneyFormats = new Map<string, { format: Intl.NumberFormat; digits: number }>();

function formatOf(currency: string): { format: Intl.NumberFormat; digits: number } {
  let known = moneyFormats.get(currency);
  if (!known) {
    const format = new Intl.NumberFormat(LOCALE, {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
    });
    known = { format, digits: format.resolvedOptions().maximumFractionDigits ?? 2 };
    moneyFormats.set(currency, known);
  }
  return known;
}

/** Minor units of a currency as an amount: 129900 EUR is €1,299.00. */
export function money(minor: number, currency: string): string {
  const { format, digits } = formatOf(currency);
  return format.format(minor / 10 ** digits);
}

const whole = new Intl.NumberFormat(LOCALE);
/** The minor units that somebody typed as "12.50" or "12,50"; null where it is no exact amount. */
export function minor(text: string, currency: string): number | null {
  const found = /^(\d{1,12})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!found) return null;
  const { digits } = formatOf(currency);
  const rest = found[2] ?? "";
  return rest.length > digits ? null : Number(found[1]) * 10 ** digits + Number(rest.padEnd(digits, "0") || "0");
}

export const count = (value: number): string => whole.format(value);

export const units = (value: number): string => `${whole.format(value)} ${value === 1 ? "unit" : "units"}`;

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`;
}

export function weight(grams: number): string {
  if (grams < 1000) return `${grams} g`;
  return `${new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 }).format(grams / 1000)} kg`;
}

const shortTime = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const dayAndTime = new Intl.DateTimeFormat(LOCALE, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const withYear = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric" });
const zoned = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "long" });
const dayOnly = new Intl.DateTimeFormat(LOCALE, { weekday: "short", day: "numeric", month: "short" });

/** The time of day alone. */
export const clock = (at: string): string => shortTime.format(new Date(at));

/** Today as a time, this year as a day and a time, before that as a date. */
export function instant(at: string): string {
  const [then, now] = [new Date(at), new Date()];
  if (then.toDateString() === now.toDateString()) return `today ${shortTime.format(then)}`;
  return then.getFullYear() === now.getFullYear() ? dayAndTime.format(then) : withYear.format(then);
}

/** Local time with its zone, and the same in UTC. */
export function exactly(at: string): string {
  const then = new Date(at);
  return `${zoned.format(then)} · ${then.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A local date, which is the same day wherever it is read. */
export function day(on: string): string {
  const [year, month, date] = on.split("-").map(Number);
  const then = new Date(year ?? 0, (month ?? 1) - 1, date ?? 1);
  return then.getFullYear() === new Date().getFullYear() ? dayOnly.format(then) : withYear.format(then);
}

export function window(from: string | null, until: string | null): string {
  if (from && until && from !== until) return `${day(from)} – ${day(until)}`;
  return until ? day(until) : from ? day(from) : "";
}

const ages: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto", style: "short" });

/** How long ago, or in how long. */
export function ago(at: string): string {
  const seconds = (new Date(at).getTime() - Date.now()) / 1000;
  for (const [unit, size] of ages) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return "just now";
}
