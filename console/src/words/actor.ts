import type { Session } from "../api/types";

/** Who did it: "you", a user, a key, or the program itself. */
export function who(actor: string, session: Session): string {
  if (actor === session.actor) return "you";
  const [kind, name = ""] = actor.split(":");
  if (kind === "user") return `user …${name.slice(-6)}`;
  if (kind === "key") return name.startsWith("key_") ? `API key …${name.slice(-6)}` : `API key ${name}`;
  return "Baton";
}
