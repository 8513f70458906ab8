// Which dialog answers which wish. Loaded with the first one that is opened.

import type { Order } from "../../api/types";
import type { Ask } from "../page/ask";
import { Appease } from "./Appease";
import { Cancel } from "./Cancel";
import { Change } from "./Change";
import { EditAddress } from "./EditAddress";
import { PlaceHold, ResolveException, ResolveHold } from "./Holding";
import { Accept, AnswerRecall, HandOver, Pick, Reject, Ship } from "./Location";
import { Push, Recall, Unpark } from "./Orders";
import { Pack } from "./Pack";
import { RetryLabels, VoidShipment } from "./Shipments";

interface DialogsProps {
  ask: Ask;
  order: Order;
  close: () => void;
}

export default function Dialogs({ ask, order, close }: DialogsProps) {
  const about = { order, close };
  switch (ask.do) {
    case "cancel":
      return <Cancel {...about} />;
    case "edit_address":
      return <EditAddress {...about} />;
    case "change":
      return <Change {...about} />;
    case "appease":
      return <Appease {...about} />;
    case "hold":
      return <PlaceHold {...about} />;
    case "route":
    case "release":
      return <Push {...about} what={ask.do} />;
    case "unpark":
      return <Unpark {...about} />;
    case "recall":
      return <Recall {...about} work={ask.work} />;
    case "resolve_hold":
      return <ResolveHold {...about} hold={ask.hold} />;
    case "resolve_exception":
      return <ResolveException {...about} exception={ask.exception} />;
    case "accept":
      return <Accept {...about} work={ask.work} />;
    case "reject":
      return <Reject {...about} work={ask.work} />;
    case "pick":
      return <Pick {...about} work={ask.work} />;
    case "pack":
      return <Pack {...about} work={ask.work} />;
    case "ship":
      return <Ship {...about} work={ask.work} />;
    case "hand_over":
      return <HandOver {...about} work={ask.work} />;
    case "answer_recall":
      return <AnswerRecall {...about} work={ask.work} />;
    case "retry_labels":
      return <RetryLabels {...about} shipment={ask.shipment} />;
    case "void":
      return <VoidShipment {...about} shipment={ask.shipment} />;
  }
}
