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
  };
}
