// Writes: one Idempotency-Key per intent, and everything that may have changed is read again.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { freshKey, Problem, write } from "./client";
import type { Order } from "./types";

interface Write {
  path: string;
  body?: unknown;
}

/**
 * A write that concerns the order with this number.
 *
 * A request that got no answer keeps its key, so that sending it again can't do it twice. A changed
 * body, or one that was answered, is a new intent with a new key.
 */
export function useWrite<T = Order>(number: string) {
  const client = useQueryClient();
  const open = useRef<{ said: string; key: string } | null>(null);
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
      if (isOrder(answer, number)) client.setQueryData(["order", number], answer);
      void client.invalidateQueries({ queryKey: ["orders"] });
      await client.invalidateQueries({ queryKey: ["order", number] });
    },
    onError: (problem) => {
      // What was refused may rest on an order that has changed meanwhile.
      if (problem.status === 409) void client.invalidateQueries({ queryKey: ["order", number] });
    },
  });
}

function isOrder(answer: unknown, number: string): answer is Order {
  return typeof answer === "object" && answer !== null && "number" in answer && answer.number === number;
}
