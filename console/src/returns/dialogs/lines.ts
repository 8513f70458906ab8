import type { Return, ReturnLine } from "../../api/returnTypes";
import type { Choice } from "../../orders/dialogs/UnitsTable";

/** The lines of a return that have units to choose from. */
export function choicesOf(rma: Return, most: (line: ReturnLine) => number): Choice[] {
  return rma.lines
    .map((line) => ({ line: line.line_no, title: line.title, sku: line.sku_code, most: most(line) }))
    .filter((choice) => choice.most > 0);
}
