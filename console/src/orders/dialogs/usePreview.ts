// What a change would do, asked again whenever what is wanted, or the order, changes.

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Problem, write } from "../../api/client";

export function usePreview<T>(path: string, body: unknown, enabled = true) {
  const [settled] = useDebouncedValue(body, 200);
  const current = JSON.stringify(settled) === JSON.stringify(body);
  const found = useQuery<T, Problem>({
    queryKey: ["preview", path, settled],
    queryFn: () => write<T>("POST", path, settled),
    enabled: enabled && current,
    staleTime: 0,
    gcTime: 0,
    retry: false,
    placeholderData: keepPreviousData,
  });
  return {
    data: found.data,
    problem: found.error,
    current: current && found.isSuccess && !found.isPlaceholderData,
    pending: enabled && (!current || found.isFetching),
  };
}
