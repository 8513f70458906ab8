// What each account came to over some days; a click leads to its lines.

import { NativeSelect, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMay } from "../api/may";
import { issuersQuery, ledgerQuery, type Period, trialBalanceQuery } from "../api/moneyQueries";
import type { Balance, LedgerLine } from "../api/moneyTypes";
import type { FinanceSearch } from "../router";
import { Bones } from "../ui/Bones";
import { More } from "../ui/More";
import { Failed, Notice } from "../ui/Notice";
import { type Column, Table } from "../ui/Table";
import { story } from "../words/facts";
import { day, money } from "../words/format";
import { sentence } from "../words/status";
import frame from "../ui/Frame.module.css";
import styles from "./Finance.module.css";

export function Balances({ search }: { search: FinanceSearch }) {
  const navigate = useNavigate({ from: "/finance" });
  const { has } = useMay();
  const listed = has("invoicing:read");
  const entities = useQuery({ ...issuersQuery, enabled: listed });
  const set = (name: keyof FinanceSearch, value: string) =>
    void navigate({ search: (now) => ({ ...now, tab: "balances", [name]: value || undefined }), replace: true });
  const entity = search.entity ?? entities.data?.[0]?.code;
  const period: Period | null = entity
    ? { legal_entity: entity, ...(search.since ? { first: search.since } : {}), ...(search.until ? { last: search.until } : {}) }
    : null;
  return (
    <>
      <div className={frame.bar}>
        {listed ? (
          <NativeSelect
            label="Legal entity"
            value={entity ?? ""}
            onChange={(event) => set("entity", event.currentTarget.value)}
            data={(entities.data ?? []).map(({ code, name }) => ({ value: code, label: `${name} (${code})` }))}
          />
        ) : (
          <TextInput label="Legal entity" value={search.entity ?? ""} onChange={(event) => set("entity", event.currentTarget.value)} maxLength={80} />
        )}
        <TextInput label="First day" type="date" value={search.since ?? ""} onChange={(event) => set("since", event.currentTarget.value)} />
        <TextInput label="Last day" type="date" value={search.until ?? ""} onChange={(event) => set("until", event.currentTarget.value)} />
      </div>
      {entities.isError ? (
        <Failed error={entities.error} retry={() => void entities.refetch()} />
      ) : !period ? (
        entities.data || !listed ? <Notice title="Choose a legal entity">Its code is needed to open its books.</Notice> : <Bones label="Loading" />
      ) : search.account ? (
        <Lines account={search.account} period={period} back={() => set("account", "")} />
      ) : (
        <Accounts period={period} search={search} />
      )}
    </>
  );
}

function Accounts({ period, search }: { period: Period; search: FinanceSearch }) {
  const found = useQuery(trialBalanceQuery(period));
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Bones label="Loading the trial balance" rows={10} />;
  const { balances, base_currency: base, debit, credit } = found.data;
  if (!balances.length) return <Notice title="Nothing is booked in these days">Choose other days, or another legal entity.</Notice>;
  const say = (minor: number) => money(minor, base);
  const columns: Column<Balance>[] = [
    {
      word: "Account",
      cell: (row) => (
        <Link to="/finance" search={{ ...search, tab: "balances", entity: period.legal_entity, account: row.account }}>
          {row.account} {row.name}
        </Link>
      ),
    },
    { word: "Kind", cell: (row) => <span className="dim">{row.kind ? sentence(row.kind) : "—"}</span> },
    { word: "In", cell: (row) => row.currency },
    { word: "Opening", number: true, cell: (row) => say(row.base_opening) },
    { word: "Debit", number: true, cell: (row) => say(row.base_debit) },
    { word: "Credit", number: true, cell: (row) => say(row.base_credit) },
    { word: "Closing", number: true, cell: (row) => <strong>{say(row.base_closing)}</strong> },
  ];
  return (
    <>
      <p className={`${styles.title} dim`}>
        {day(found.data.first)} – {day(found.data.last)}, all in {base}
      </p>
      <div className={frame.box} data-stale={found.isPlaceholderData || undefined}>
        <Table
          label="Trial balance"
          opens
          columns={columns}
          rows={balances}
          id={(row) => row.account + row.currency}
          foot={
            <tr>
              <td colSpan={4}>{debit === credit ? "Debits and credits are the same" : "Debits and credits differ"}</td>
              <td data-number data-word="Debit">
                {say(debit)}
              </td>
              <td data-number data-word="Credit">
                {say(credit)}
              </td>
              <td />
            </tr>
          }
        />
      </div>
    </>
  );
}

function Lines({ account, period, back }: { account: string; period: Period; back: () => void }) {
  const found = useInfiniteQuery(ledgerQuery(account, period));
  const first = found.data?.pages[0];
  const rows = found.data?.pages.flatMap((page) => page.data) ?? [];
  if (found.isError && !first) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!first) return <Bones label="Loading the ledger" rows={10} />;
  const say = (minor: number) => money(minor, first.base_currency);
  const columns: Column<LedgerLine>[] = [
    { word: "Entry", cell: (row) => <span className="num">{row.entry_no}</span> },
    { word: "Day", cell: (row) => day(row.booked_on) },
    { word: "What", whole: true, cell: (row) => <What line={row} /> },
    { word: "Debit", number: true, cell: (row) => (row.base > 0 ? say(row.base) : "") },
    { word: "Credit", number: true, cell: (row) => (row.base < 0 ? say(-row.base) : "") },
    { word: "Balance", number: true, cell: (row) => <strong>{say(row.balance)}</strong> },
  ];
  return (
    <>
      <div className={styles.title}>
        <button type="button" className={styles.back} onClick={back}>
          ← Trial balance
        </button>
        <h2>
          {first.account} {first.name}
        </h2>
        <span className="dim">Opening {say(first.opening)}</span>
      </div>
      <div className={frame.box}>
        {rows.length ? (
          <>
            <Table label={`Ledger of ${account}`} columns={columns} rows={rows} id={(row) => row.entry_id + row.key + row.code + row.balance} />
            <More count={rows.length} one="line" pages={found} />
          </>
        ) : (
          <Notice title="No line in these days" />
        )}
      </div>
    </>
  );
}

function What({ line }: { line: LedgerLine }) {
  const { text } = story({ fact: line.fact, data: {} });
  return (
    <>
      {line.order_id ? (
        <Link to="/orders/$number" params={{ number: line.order_id }} search={{ tab: "money" }}>
          {text}
        </Link>
      ) : (
        text
      )}
      <span className="dim"> {[line.key.replaceAll(/[._]/g, " "), line.code, line.memo].filter(Boolean).join(" · ")}</span>
    </>
  );
}
