// Which dialog answers which wish. Loaded with the first one that is opened.

import type { Return } from "../../api/returnTypes";
import type { Ask } from "../page/ReturnPage";
import { Approve, CallOff, Refuse } from "./Decide";
import { Dispose, GradeGoods, Receive } from "./Goods";
import { Settle } from "./Settle";

interface DialogsProps {
  ask: Ask;
  rma: Return;
  close: () => void;
}

export default function Dialogs({ ask, rma, close }: DialogsProps) {
  const about = { rma, close };
  switch (ask.do) {
    case "approve":
      return <Approve {...about} />;
    case "refuse":
      return <Refuse {...about} />;
    case "cancel":
      return <CallOff {...about} />;
    case "receive":
      return <Receive {...about} />;
    case "grade":
      return <GradeGoods {...about} />;
    case "dispose":
      return <Dispose {...about} grading={ask.grading} />;
    case "settle":
      return <Settle {...about} />;
  }
}
