// What the person who is signed in may do; the server decides, this only hides what it would refuse.

import { useSuspenseQuery } from "@tanstack/react-query";
import { sessionQuery } from "./queries";
import type { OrderAction, Session } from "./types";

const NEEDS: Record<OrderAction, string> = {
  cancel: "orders:cancel",
  change: "orders:edit",
  edit_address: "orders:edit",
  edit_quantity: "orders:edit",
  hold: "orders:hold",
  recall: "orders:edit",
  release: "routing:write",
  resolve_hold: "orders:hold",
  route: "routing:write",
  unpark: "orders:edit",
};

export interface May {
  session: Session;
  order: (action: OrderAction) => boolean;
  workAt: (locationId: string) => boolean;
  routing: boolean;
  documents: boolean;
  appease: boolean;
  /** Whether there is anything for them in the money of an order. */
  money: boolean;
  /** Whether they have a permission, whatever it is of. */
  has: (permission: string) => boolean;
  /** Whether they work for all locations: what spans them all is for these alone. */
  everywhere: boolean;
}

export function useMay(): May {
  const { data: session } = useSuspenseQuery(sessionQuery);
  const has = (permission: string) => session.permissions.includes(permission);
  return {
    session,
    order: (action) => has(NEEDS[action]),
    workAt: (id) => has("fulfillment:work") && (session.location_ids?.includes(id) ?? true),
    // A plan weighs all locations, so it is shown to people of all.
    routing: has("routing:read") && session.location_ids === null,
    documents: has("shipping:read"),
    appease: has("orders:appease"),
    money: has("payments:read") || (session.location_ids === null && (has("invoicing:read") || has("accounting:read"))),
    has,
    everywhere: session.location_ids === null,
  };
}
