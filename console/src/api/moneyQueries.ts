// What the screens read of payments, invoices and the books.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { read } from "./client";
import type { Entry, Invoice, Issuer, Ledger, Parked, Payments, TrialBalance } from "./moneyTypes";
import type { Id, Page } from "./types";

export interface InvoiceFilters {
  number?: string;
  order?: string;
  kind?: string;
  since?: string;
  until?: string;
}

export interface Period {
  legal_entity: string;
  first?: string;
  last?: string;
}

const LIMIT = 50;
const SECOND = 1000;

export const paymentsQuery = (number: string) =>
  queryOptions({
    queryKey: ["order", number, "payments"],
    queryFn: ({ signal }) => read<Payments>(`/orders/${encodeURIComponent(number)}/payments`, signal),
    refetchInterval: 4 * SECOND,
  });

export const orderInvoicesQuery = (number: string) =>
  queryOptions({
    queryKey: ["order", number, "invoices"],
    queryFn: ({ signal }) => read<Page<Invoice>>(`/invoices?${query({ order: number, limit: "200" })}`, signal),
    refetchInterval: 10 * SECOND,
  });

export const orderEntriesQuery = (number: string, id: Id) =>
  queryOptions({
    queryKey: ["order", number, "entries"],
    queryFn: ({ signal }) => read<Page<Entry>>(`/accounting/orders/${id}/entries?limit=200`, signal),
  });

export const invoicesQuery = (filters: InvoiceFilters) =>
  infiniteQueryOptions({
    queryKey: ["invoices", filters],
    queryFn: ({ pageParam, signal }) => read<Page<Invoice>>(`/invoices?${query({ ...filters, ...page(pageParam) })}`, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });

export const issuersQuery = queryOptions({
  queryKey: ["issuers"],
  queryFn: ({ signal }) => read<Page<IssuerOut>>("/invoicing/issuers?limit=200", signal).then((found) => found.data.map(named)),
  staleTime: 10 * 60 * SECOND,
});

export const trialBalanceQuery = (period: Period) =>
  queryOptions({
    queryKey: ["books", "trial-balance", period],
    queryFn: ({ signal }) => read<TrialBalance>(`/accounting/trial-balance?${query({ ...period })}`, signal),
    placeholderData: keepPreviousData,
  });

export const ledgerQuery = (account: string, period: Period) =>
  infiniteQueryOptions({
    queryKey: ["books", "ledger", account, period],
    queryFn: ({ pageParam, signal }) =>
      read<Ledger>(`/accounting/accounts/${encodeURIComponent(account)}/ledger?${query({ ...period, ...page(pageParam) })}`, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });

export const parkedBookingsQuery = infiniteQueryOptions({
  queryKey: ["books", "parked"],
  queryFn: ({ pageParam, signal }) => read<Page<Parked>>(`/accounting/parked?${query(page(pageParam))}`, signal),
  initialPageParam: "",
  getNextPageParam: (last) => last.next,
});

interface IssuerOut {
  legal_entity: string;
  name: string;
}

const named = (issuer: IssuerOut): Issuer => ({ code: issuer.legal_entity, name: issuer.name });

const page = (after: string): Record<string, string> => ({ limit: String(LIMIT), ...(after ? { after } : {}) });

function query(given: Record<string, string | undefined>): string {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value) found.set(name, value);
  return found.toString();
}
