// Writes: one Idempotency-Key per intent, and everything that may have changed is read again.

import { type QueryClient, type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { freshKey, Problem, write } from "./client";
import type { Return } from "./returnTypes";
import type { Order } from "./types";

interface Write {
  path: string;
  body?: unknown;
}

interface Reading<T> {
  /** What is read again once it is done, or was refused as out of date. */
  keys: QueryKey[];
  /** Takes an answer that is shown at once. */
  keep?: (answer: T, client: QueryClient) => void;
}

/**
 * A write, and what is read again after it.
 *
 * A request that got no answer keeps its key, so that sending it again can't do it twice. A changed
 * body, or one that was answered, is a new intent with a new key.
 */
export function useSend<T>({ keys, keep }: Reading<T>) {
  const client = useQueryClient();
  const open = useRef<{ said: string; key: string } | null>(null);
  const again = () => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })));
  return useMutation<T, Problem, Write>({
    mutationFn: async ({ path, body }) => {
      const said = JSON.stringify([path, body]);
      if (open.current?.said !== said) open.current = { said, key: freshKey() };
      try {
        const answer = await write<T>("POST", path, body, open.current.key);
        open.current = null;
        return answer;
      } catch (error) {
        if (!(error instanceof Problem && error.unanswered)) open.current = null;
        throw error;
      }
    },
    onSuccess: async (answer) => {
      keep?.(answer, client);
      await again();
    },
    onError: (problem) => {
      // What was refused may rest on something that has changed meanwhile.
      if (problem.status === 409) void again();
    },
  });
}

/** A write that concerns the order with this number. */
export function useWrite<T = Order>(number: string) {
  return useSend<T>({
    keys: [["order", number], ["orders"]],
    keep: (answer, client) => {
      if (isOrder(answer, number)) client.setQueryData(["order", number], answer);
    },
  });
}

/** A write that concerns the return with this number. */
export function useReturnWrite(number: string, order: string) {
  return useSend<Return>({
    keys: [["return", number], ["returns"], ["order", order]],
    keep: (answer, client) => {
      if (answer.number === number) client.setQueryData(["return", number], answer);
    },
  });
}

function isOrder(answer: unknown, number: string): answer is Order {
  return typeof answer === "object" && answer !== null && "number" in answer && answer.number === number;
}
