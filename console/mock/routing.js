// A plausible routing decision with its explanation, in the shape in which the API keeps it.

import { locations } from "./world.js";

const ZONES = [[100, 1, 1, 380], [400, 1, 2, 490], [800, 2, 3, 640], [1500, 2, 4, 890], [null, 3, 6, 1490]];

function quote(km, weight) {
  const zone = ZONES.findIndex(([upTo]) => upTo === null || km <= upTo);
  const [, min_days, max_days, base] = ZONES[zone];
  const heavier = Math.max(0, Math.ceil((weight - 2000) / 3000)) * 170;
  return {
    service: weight > 1000 ? "parcel-standard" : "parcel-small",
    zone: zone + 1,
    min_days,
    max_days,
    days_late: 0,
    packages: Math.max(1, Math.ceil(weight / 20000)),
    freight: base + heavier,
    late: 0,
  };
}

function terms(at, lines, km) {
  const weight_g = lines.reduce((sum, line) => sum + line.quantity * line.weight, 0);
  const found = quote(km, weight_g);
  const pick = at.pick * lines.length;
  return { weight_g, quote: found, pack: at.pack, pick, cost: found.freight + found.late + at.pack + pick };
}

const named = (lines) => lines.map((line) => ({ line_id: line.id, quantity: line.quantity }));

function parcel(at, lines, km) {
  const { weight_g, quote: found, pack, pick, cost } = terms(at, lines, km);
  return {
    location_id: at.id,
    location_code: at.code,
    lines: named(lines),
    weight_g,
    distance_km: km,
    distance_known: true,
    quote: found,
    pack,
    pick,
    cost,
  };
}

/** Where these lines go, with every candidate; `split` sends the last line from a second place. */
export function decide(dice, order, group, lines, { excluded = new Map(), split = false } = {}) {
  const abroad = group.address && group.address.country !== "DE";
  const km = new Map(
    locations.map((at, n) => [at.id, Math.max(6, Math.round(at.km * (abroad ? 1.4 : 1) + ((order.seed * 37 + n * 53) % 90) - 40))]),
  );
  const can = (at) => !excluded.has(at.id) && at.kind !== "supplier" && at.code !== "LON-SOHO";
  const stocked = locations.filter((at, n) => can(at) && (order.seed + n) % 4 !== 1);
  const usable = stocked.length ? stocked : locations.filter(can);
  const priced = usable.map((at) => parcel(at, lines, km.get(at.id))).sort((a, b) => a.cost - b.cost);
  const at = (found) => locations.find((each) => each.id === found.location_id);
  let parcels = [priced[0]];
  let second = priced[1] ? [priced[1]] : null;
  if (split && lines.length > 1 && priced.length > 2) {
    const rest = priced.slice(1).map((found) => parcel(at(found), lines.slice(-1), found.distance_km));
    rest.sort((a, b) => a.cost - b.cost);
    const most = parcel(at(priced[0]), lines.slice(0, -1), priced[0].distance_km);
    parcels = [most, rest[0]];
    second = [most, rest[1]];
  }
  const total = (plan) => plan.reduce((sum, each) => sum + each.cost, 0);
  const cost = total(parcels);
  const chosen = new Set(parcels.map((each) => each.location_id));
  const considered = locations.map((place) => {
    const entry = {
      location_id: place.id,
      code: place.code,
      name: place.name,
      kind: place.kind,
      verdict: "no_stock",
      cause: "",
      distance_km: km.get(place.id),
      distance_known: true,
      offer: null,
      best_cost: null,
      difference: null,
      proof: null,
    };
    if (place.kind === "supplier") return { ...entry, verdict: "cannot_ship" };
    if (place.code === "LON-SOHO") return { ...entry, verdict: "out_of_reach" };
    const found = priced.find((each) => each.location_id === place.id);
    const offered = parcel(place, lines, km.get(place.id));
    const offer = {
      line_count: lines.length,
      lines: offered.lines,
      weight_g: offered.weight_g,
      parcels: 1,
      quote: offered.quote,
      freight: offered.quote.freight,
      late: offered.quote.late,
      pack: offered.pack,
      pick: offered.pick,
      cost: offered.cost,
    };
    if (excluded.has(place.id)) return { ...entry, verdict: "excluded", cause: excluded.get(place.id), offer };
    if (!found) return entry;
    if (chosen.has(place.id)) return { ...entry, verdict: "chosen", offer, best_cost: cost, difference: 0, proof: "exact" };
    const best = Math.max(cost + 35, split ? cost + 210 + (order.seed % 5) * 15 : found.cost);
    return { ...entry, verdict: "dearer", offer, best_cost: best, difference: best - cost, proof: "exact" };
  });
  return {
    currency: order.currency,
    destination: { country: group.address?.country ?? "DE", postal_code: group.address?.postal_code ?? "", point: null },
    needed_by: group.needed_by,
    max_parcels: 4,
    parcels,
    open_units: [],
    cost,
    exact: true,
    lower_bound: cost,
    next_best: second && { parcels: second, cost: total(second), difference: total(second) - cost, proof: "exact" },
    considered: considered.sort((a, b) => a.code.localeCompare(b.code)),
  };
}
