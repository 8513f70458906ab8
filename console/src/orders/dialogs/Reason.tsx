// A reason, with the usual ones at hand.

import { TextInput } from "@mantine/core";
import { useId } from "react";

interface ReasonProps {
  label?: string;
  value: string;
  onChange: (value: string) => void;
  usual?: string[];
  autoFocus?: boolean;
  required?: boolean;
}

export function Reason({ label = "Reason", value, onChange, usual = [], autoFocus, required = true }: ReasonProps) {
  const id = useId();
  return (
    <div>
      <TextInput
        label={label}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        list={id}
        maxLength={200}
        required={required}
        withAsterisk={false}
        autoComplete="off"
        data-autofocus={autoFocus || undefined}
      />
      <datalist id={id}>
        {usual.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </div>
  );
}

export const WHY_CANCEL = ["Buyer changed their mind", "Wrong size or colour", "Duplicate order", "Too late", "Suspected fraud", "Not in stock"];
export const WHY_EDIT = ["Buyer asked for it", "Typing error", "Moved house"];
export const WHY_REJECT = ["No time", "Damaged", "Not found", "Store is closing"];
export const WHY_RECALL = ["Buyer wants a change", "Wrong address", "Buyer cancels", "Suspected fraud"];
export const WHY_RESOLVED = ["Checked with the buyer", "Checked, all is well", "Settled with the carrier", "Mended"];
