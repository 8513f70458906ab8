// One way to the API: the session's cookie goes along, errors come back as Problem.

import type { ProblemBody } from "./types";

/** What the API said no to, or why it could not be reached (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | null;
  readonly fields: { field: string; detail: string }[];

  constructor(status: number, body: ProblemBody) {
    super(body.detail);
    this.name = "Problem";
    this.status = status;
    this.code = body.code;
    this.field = body.field ?? null;
    this.fields = body.problems ?? [];
  }

  /** Whether the request may have had its effect although no answer came. */
  get unanswered(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

export function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, signal ? { signal } : {});
}

/** A write. The same `key` makes a repeated request harmless. */
export function write<T>(method: "POST" | "DELETE", path: string, body?: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { "X-Baton-Console": "1" };
  if (key) headers["Idempotency-Key"] = key;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return ask<T>(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/v1${path}`, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, { code: "unreachable", detail: "The server can't be reached." });
  }
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  throw await problemOf(answer);
}

async function problemOf(answer: Response): Promise<Problem> {
  const unknown = {
    code: "unexpected",
    detail: `The server answered ${answer.status} ${answer.statusText}`.trim() + ".",
  };
  try {
    const body = (await answer.json()) as Partial<ProblemBody>;
    return new Problem(answer.status, { ...unknown, ...body });
  } catch {
    return new Problem(answer.status, unknown);
  }
}

/** A fresh Idempotency-Key. `randomUUID` exists on https and localhost only. */
export function freshKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
