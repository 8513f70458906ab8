// Why it ships from where it does: the plan, every location with its costs, and the next best plan.

import { useQuery } from "@tanstack/react-query";
import { routingQuery } from "../../api/queries";
import type { Considered, Decision, Order, Plan, PlannedParcel } from "../../api/types";
import { Card } from "../../ui/Card";
import { Failed, Notice } from "../../ui/Notice";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { count, money, plural, units, weight } from "../../words/format";
import { sentence, VERDICT } from "../../words/status";
import styles from "./Why.module.css";

export function Why({ order }: { order: Order }) {
  const found = useQuery(routingQuery(order.number));
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <p className="dim">Loading…</p>;
  if (!found.data.data.length) {
    return (
      <Card title="Why here">
        <Notice title="Not routed yet">
          Once locations are chosen, this shows every location that was looked at, its costs, and why it lost.
        </Notice>
      </Card>
    );
  }
  return (
    <div className={styles.plans}>
      {found.data.data.map((plan, n) => (
        <PlanCard key={`${plan.plan_no}-${plan.group}`} plan={plan} groups={order.groups.length} newest={n === 0} />
      ))}
    </div>
  );
}

function PlanCard({ plan, groups, newest }: { plan: Plan; groups: number; newest: boolean }) {
  const decision = plan.explanation;
  const head = (
    <span className="dim">
      {sentence(plan.trigger)} · <Time at={plan.at} />
    </span>
  );
  return (
    <Card title={`Plan ${plan.plan_no}${groups > 1 ? `, delivery ${plan.group}` : ""}`} aside={head} flush>
      <details open={newest} className={styles.plan}>
        <summary>
          <strong className={styles.cost}>{money(decision.cost, decision.currency)}</strong> in{" "}
          {plural(decision.parcels.length, "parcel")} of at most {decision.max_parcels}
          <span className="dim">
            {" · "}
            {decision.exact
              ? "proven: no plan is cheaper"
              : `no plan costs less than ${money(decision.lower_bound, decision.currency)}`}
          </span>
        </summary>
        <Parcels parcels={decision.parcels} currency={decision.currency} />
        <Open decision={decision} />
        <Candidates decision={decision} />
        <NextBest decision={decision} />
      </details>
    </Card>
  );
}

function Parcels({ parcels, currency }: { parcels: PlannedParcel[]; currency: string }) {
  return (
    <ul className={styles.parcels}>
      {parcels.map((parcel, n) => (
        <li key={n}>
          <strong>{parcel.location_code}</strong>
          <span className="dim">
            {units(parcel.lines.reduce((sum, line) => sum + line.quantity, 0))}, {weight(parcel.weight_g)},{" "}
            {distance(parcel)}, {sentence(parcel.quote.service)} zone {parcel.quote.zone}, {transit(parcel.quote)}
          </span>
          <span className={styles.sum}>
            {terms(parcel.quote.freight, parcel.quote.late, parcel.pack, parcel.pick, currency)} ={" "}
            <strong>{money(parcel.cost, currency)}</strong>
          </span>
        </li>
      ))}
    </ul>
  );
}

function terms(freight: number, late: number, pack: number, pick: number, currency: string): string {
  const found = [`freight ${money(freight, currency)}`];
  if (late) found.push(`late ${money(late, currency)}`);
  found.push(`pack ${money(pack, currency)}`, `pick ${money(pick, currency)}`);
  return found.join(" + ");
}

const distance = (at: { distance_km: number; distance_known: boolean }): string =>
  `${at.distance_known ? "" : "about "}${count(at.distance_km)} km`;

const transit = ({ min_days, max_days }: { min_days: number; max_days: number }): string =>
  min_days === max_days ? plural(max_days, "day") : `${min_days}–${max_days} days`;

const OPEN: Record<string, string> = {
  no_stock: "no location has any",
  not_eligible: "only locations have them that may not send this order",
  short: "all locations together have too few",
  too_many_parcels: "they would need one parcel more than is allowed",
};

function Open({ decision }: { decision: Decision }) {
  if (!decision.open_units.length) return null;
  return (
    <p className={styles.open} data-tone="warn">
      {decision.open_units.map((each) => `${units(each.quantity)} stay open: ${OPEN[each.reason] ?? each.reason}.`).join(" ")}
    </p>
  );
}

function Candidates({ decision }: { decision: Decision }) {
  const sorted = decision.considered.toSorted((a, b) => rank(a) - rank(b));
  const say = (minor: number | undefined) => (minor === undefined ? "—" : money(minor, decision.currency));
  return (
    <div className={styles.scroll} role="region" aria-label="Locations that were looked at" tabIndex={0}>
      <table className={styles.table}>
        <caption>Every location that was looked at; costs of sending all that it could serve</caption>
        <thead>
          <tr>
            {["Location", "Verdict", "Distance", "Transit", "Freight", "Late", "Pack", "Pick", "Alone", "Best plan with it"].map(
              (word, n) => (
                <th key={word} scope="col" className={n > 1 ? styles.number : undefined}>
                  {word}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {sorted.map((each) => (
            <tr key={each.location_id} data-chosen={each.verdict === "chosen" || undefined}>
              <th scope="row">
                {each.name}
                <div className="dim">
                  <span className="mono">{each.code}</span> · {each.kind.replaceAll("_", " ")}
                </div>
              </th>
              <td>
                <Tag said={VERDICT[each.verdict]} />
                {each.cause && <div className={styles.cause}>{each.cause}</div>}
              </td>
              <td className={styles.number}>{distance(each)}</td>
              <td className={styles.number}>{each.offer ? transit(each.offer.quote) : "—"}</td>
              <td className={styles.number}>{say(each.offer?.freight)}</td>
              <td className={styles.number}>{say(each.offer?.late)}</td>
              <td className={styles.number}>{say(each.offer?.pack)}</td>
              <td className={styles.number}>{say(each.offer?.pick)}</td>
              <td className={styles.number}>
                {say(each.offer?.cost)}
                {each.offer && each.offer.parcels > 1 && <div className="dim">{plural(each.offer.parcels, "parcel")}</div>}
              </td>
              <td className={styles.number}>
                <Best found={each} currency={decision.currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const SURE = { exact: "", at_least: "at least ", found: "found: " };

function Best({ found, currency }: { found: Considered; currency: string }) {
  if (found.best_cost === null) return <>—</>;
  return (
    <>
      {found.proof && SURE[found.proof]}
      {money(found.best_cost, currency)}
      {found.difference ? <div className={styles.more}>+{money(found.difference, currency)}</div> : null}
    </>
  );
}

/** The chosen ones, then by what a plan with them costs more, then those that could not serve. */
function rank(each: Considered): number {
  if (each.verdict === "chosen") return -1;
  if (each.difference !== null) return each.difference;
  return each.offer ? 1e15 + each.offer.cost : 2e15;
}

function NextBest({ decision }: { decision: Decision }) {
  const next = decision.next_best;
  if (!next) return <p className={styles.next}>There is no other plan that sends the same units.</p>;
  return (
    <div className={styles.next}>
      <p>
        <strong>Next best plan</strong>: {SURE[next.proof]}
        {money(next.cost, decision.currency)}, {money(next.difference, decision.currency)} more
      </p>
      <Parcels parcels={next.parcels} currency={decision.currency} />
    </div>
  );
}
