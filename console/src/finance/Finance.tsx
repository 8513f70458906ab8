// Papers and books: invoices, what each account came to, and what could not be booked.

import { Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMay } from "../api/may";
import type { FinanceSearch } from "../router";
import { Notice } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { Balances } from "./Balances";
import { Invoices } from "./Invoices";
import { Parked } from "./Parked";
import frame from "../ui/Frame.module.css";
import styles from "./Finance.module.css";

export function Finance() {
  useTitle("Finance");
  const { has } = useMay();
  const search = useSearch({ from: "/signed-in/finance" });
  const navigate = useNavigate({ from: "/finance" });
  const papers = has("invoicing:read");
  const books = has("accounting:read");
  const tab = search.tab ?? (papers ? "invoices" : "balances");
  if (!papers && !books) return <Notice title="You may not see this">Ask an administrator for it.</Notice>;
  return (
    <div className={frame.page}>
      <div className={frame.head}>
        <h1>Finance</h1>
      </div>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => void navigate({ search: { tab: (value ?? "invoices") as NonNullable<FinanceSearch["tab"]> }, replace: true })}
      >
        <Tabs.List className={styles.tabs}>
          {papers && <Tabs.Tab value="invoices">Invoices</Tabs.Tab>}
          {books && <Tabs.Tab value="balances">Trial balance</Tabs.Tab>}
          {books && <Tabs.Tab value="parked">Not booked</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="invoices">{papers && <Invoices search={search} />}</Tabs.Panel>
        <Tabs.Panel value="balances">{books && <Balances search={search} />}</Tabs.Panel>
        <Tabs.Panel value="parked">{books && <Parked />}</Tabs.Panel>
      </Tabs>
    </div>
  );
}
