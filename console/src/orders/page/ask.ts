// What a person wants to do to an order: it opens a dialog.

import type { Hold, OrderException, Shipment, ShipmentAction, Work } from "../../api/types";

export type Ask =
  | { do: "appease" | "cancel" | "change" | "edit_address" | "hold" | "release" | "route" | "unpark" }
  | { do: "recall"; work?: Work }
  | { do: "resolve_hold"; hold: Hold }
  | { do: "resolve_exception"; exception: OrderException }
  | { do: ShipmentAction; shipment: Shipment }
  | { do: "accept" | "reject" | "pick" | "pack" | "ship" | "hand_over" | "answer_recall"; work: Work };

export type OnAsk = (ask: Ask) => void;
