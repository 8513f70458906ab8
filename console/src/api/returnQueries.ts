// What the screens read of returns.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { read } from "./client";
import type { Return, ReturnRow } from "./returnTypes";
import type { Page, Place } from "./types";

const LIMIT = 50;
const SECOND = 1000;

export const returnsQuery = (status: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["returns", "list", status ?? ""],
    queryFn: ({ pageParam, signal }) => {
      const asked = new URLSearchParams({ limit: String(LIMIT) });
      if (status) asked.set("status", status);
      if (pageParam) asked.set("after", pageParam);
      return read<Page<ReturnRow>>(`/returns?${asked}`, signal);
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    refetchInterval: (found) => ((found.state.data?.pages.length ?? 1) < 3 ? 10 * SECOND : false),
    placeholderData: keepPreviousData,
  });

export const orderReturnsQuery = (number: string) =>
  queryOptions({
    queryKey: ["order", number, "returns"],
    queryFn: ({ signal }) => read<Page<ReturnRow>>(`/returns?limit=100&order=${encodeURIComponent(number)}`, signal),
    refetchInterval: 10 * SECOND,
  });

export const returnQuery = (number: string) =>
  queryOptions({
    queryKey: ["return", number],
    queryFn: ({ signal }) => read<Return>(`/returns/${encodeURIComponent(number)}`, signal),
    refetchInterval: 4 * SECOND,
  });

export const locationsQuery = queryOptions({
  queryKey: ["locations"],
  queryFn: ({ signal }) => read<Page<Place>>("/locations?limit=200", signal),
  staleTime: 10 * 60 * SECOND,
});
