// What the screens read, each with its key and how often it is read again.

import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import { Problem, read } from "./client";
import type { Channel, Counts, Fact, Found, Job, Order, OrderException, OrderRow, Page, Plan, Session } from "./types";

export interface OrderFilters {
  status?: string;
  health?: string;
  channel?: string;
  q?: string;
}

const LIST_LIMIT = 100;
const SECOND = 1000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2 * SECOND,
      gcTime: 15 * 60 * SECOND,
      retry: (failures, error) => failures < 2 && error instanceof Problem && error.unanswered,
    },
  },
});

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => read<Session>("/session", signal),
  staleTime: 5 * 60 * SECOND,
});

export const countsQuery = queryOptions({
  queryKey: ["orders", "counts"],
  queryFn: ({ signal }) => read<Counts>("/orders/counts", signal),
  refetchInterval: 10 * SECOND,
});

export const channelsQuery = queryOptions({
  queryKey: ["channels"],
  queryFn: ({ signal }) => read<Page<Channel>>("/channels?limit=200", signal),
  staleTime: 10 * 60 * SECOND,
});

export const exceptionsQuery = queryOptions({
  queryKey: ["orders", "exceptions"],
  queryFn: ({ signal }) => read<Page<OrderException>>("/exceptions?limit=100", signal),
});

export const parkedQuery = queryOptions({
  queryKey: ["orders", "parked-jobs"],
  queryFn: ({ signal }) => read<Page<Job>>("/work/parked?limit=100", signal),
});

export const ordersQuery = (filters: OrderFilters) =>
  infiniteQueryOptions({
    queryKey: ["orders", "list", filters],
    queryFn: ({ pageParam, signal }) => read<Page<OrderRow>>(`/orders?${parameters(filters, pageParam)}`, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    // Reading every page again would cost more than it tells: only a short list follows along.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 1) < 3 ? 10 * SECOND : false),
    staleTime: 5 * SECOND,
    placeholderData: keepPreviousData,
  });

export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ["search", text],
    queryFn: ({ signal }) => read<Found>(`/search?q=${encodeURIComponent(text)}`, signal),
    staleTime: 5 * SECOND,
  });

export const orderQuery = (number: string) =>
  queryOptions({
    queryKey: ["order", number],
    queryFn: ({ signal }) => read<Order>(`/orders/${encodeURIComponent(number)}`, signal),
    refetchInterval: 3 * SECOND,
  });

export const timelineQuery = (number: string) =>
  queryOptions({
    queryKey: ["order", number, "timeline"],
    queryFn: ({ signal }) => read<Page<Fact>>(`/orders/${encodeURIComponent(number)}/timeline`, signal),
    refetchInterval: 6 * SECOND,
  });

export const routingQuery = (number: string) =>
  queryOptions({
    queryKey: ["order", number, "routing"],
    queryFn: ({ signal }) => read<Page<Plan>>(`/orders/${encodeURIComponent(number)}/routing`, signal),
    refetchInterval: 10 * SECOND,
  });

function parameters(filters: OrderFilters, after: string): string {
  const found = new URLSearchParams({ limit: String(LIST_LIMIT) });
  for (const [name, value] of Object.entries(filters)) if (value) found.set(name, value);
  if (after) found.set("after", after);
  return found.toString();
}
