import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Address, EditPreview, Order } from "../../api/types";
import { Refusal } from "../../ui/Notice";
import { Dialog, useSubmit } from "./Dialog";
import { Reason, WHY_EDIT } from "./Reason";
import { usePreview } from "./usePreview";
import styles from "./Dialog.module.css";

const EMPTY: Address = { name: "", lines: [], city: "", country: "", postal_code: "", region: "", company: "" };

/** A new address for a delivery, before it is released. */
export function EditAddress({ order, close }: { order: Order; close: () => void }) {
  const submit = useSubmit(order.number, `Address of ${order.number} changed`, close);
  const groups = order.groups.filter((group) => group.method === "ship");
  const [number, setNumber] = useState(groups[0]?.number ?? 1);
  const before = groups.find((group) => group.number === number)?.address ?? EMPTY;
  const [changes, setChanges] = useState<Partial<Record<keyof Address, string>>>({});
  const [reason, setReason] = useState("");
  const now = (name: keyof Address): string => changes[name] ?? (name === "lines" ? before.lines.join("\n") : before[name]);
  const field = (name: keyof Address) => ({
    value: now(name),
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) =>
      setChanges((kept) => ({ ...kept, [name]: currentTarget.value })),
  });
  const address = {
    name: now("name").trim(),
    lines: now("lines").split("\n").map((line) => line.trim()).filter(Boolean),
    city: now("city").trim(),
    country: now("country").trim().toUpperCase(),
    postal_code: now("postal_code").trim(),
    region: now("region").trim(),
    company: now("company").trim(),
  };
  const changed = JSON.stringify(address) !== JSON.stringify({ ...EMPTY, ...before });
  const full = address.name && address.lines.length > 0 && address.city && /^[A-Z]{2}$/.test(address.country);
  const path = `/orders/${order.id}/edit`;
  const wanted = { address: { group: number, address } };
  const preview = usePreview<EditPreview>(`${path}/preview`, { ...wanted, reason: "preview", version: order.version }, changed && Boolean(full));
  return (
    <Dialog
      title={`Address of ${order.number}`}
      word="Change address"
      wide
      close={close}
      submit={submit}
      ready={changed && Boolean(full) && reason.trim() !== ""}
      onSubmit={() => submit.send(path, { ...wanted, reason: reason.trim(), version: order.version })}
    >
      {groups.length > 1 && (
        <NativeSelect
          label="Delivery"
          value={String(number)}
          onChange={(event) => {
            setNumber(Number(event.currentTarget.value));
            setChanges({});
          }}
          data={groups.map((group) => ({ value: String(group.number), label: `Delivery ${group.number}` }))}
        />
      )}
      <div className={styles.two}>
        <TextInput label="Name" required withAsterisk={false} maxLength={200} data-autofocus {...field("name")} />
        <TextInput label="Company" maxLength={200} {...field("company")} />
      </div>
      <Textarea label="Street, number and more" rows={2} required withAsterisk={false} {...field("lines")} />
      <div className={styles.two}>
        <TextInput label="Postal code" maxLength={40} {...field("postal_code")} />
        <TextInput label="City" required withAsterisk={false} maxLength={200} {...field("city")} />
        <TextInput label="Region" maxLength={120} {...field("region")} />
        <TextInput label="Country (two letters)" required withAsterisk={false} maxLength={2} pattern="[A-Za-z]{2}" {...field("country")} />
      </div>
      <Reason value={reason} onChange={setReason} usual={WHY_EDIT} />
      <Refusal problem={changed ? preview.problem : null} />
      {changed && preview.data && preview.data.problems.length > 0 && (
        <section className={styles.preview} aria-live="polite">
          <h3>Look at this first</h3>
          <ul>
            {preview.data.problems.map((each) => (
              <li key={each} data-tone="warn">
                {each}
              </li>
            ))}
          </ul>
        </section>
      )}
    </Dialog>
  );
}
