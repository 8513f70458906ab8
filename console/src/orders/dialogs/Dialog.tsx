// The frame of every dialog: a form, what the server said no to, and two buttons.

import { Button } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import type { Problem } from "../../api/client";
import type { Return } from "../../api/returnTypes";
import { useReturnWrite, useWrite } from "../../api/writes";
import { Refusal } from "../../ui/Notice";
import { Popup } from "../../ui/Popup";
import { say } from "../../ui/toast";
import styles from "./Dialog.module.css";

export interface Submit {
  send: (path: string, body?: unknown) => void;
  busy: boolean;
  problem: Problem | null;
}

/** Sends a write; when it is done, says so and closes. */
export function useSubmit(number: string, done: string, close: () => void): Submit {
  return submitting(useWrite<unknown>(number), done, close);
}

/** The same for a write that concerns a return. */
export function useReturnSubmit(rma: Return, done: string, close: () => void): Submit {
  return submitting(useReturnWrite(rma.number, rma.order_number), done, close);
}

type Sent<T> = UseMutationResult<T, Problem, { path: string; body?: unknown }>;

function submitting<T>(write: Sent<T>, done: string, close: () => void): Submit {
  return {
    busy: write.isPending,
    problem: write.error,
    send: (path, body) =>
      write.mutate(body === undefined ? { path } : { path, body }, {
        onSuccess: () => {
          say(done);
          close();
        },
      }),
  };
}

interface DialogProps {
  title: string;
  close: () => void;
  submit: Submit;
  word: string;
  danger?: boolean;
  ready?: boolean;
  wide?: boolean;
  onSubmit: () => void;
  children?: ReactNode;
}

export function Dialog({ title, close, submit, word, danger, ready = true, wide, onSubmit, children }: DialogProps) {
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !submit.busy) onSubmit();
  };
  return (
    <Popup title={title} close={close} size={wide ? 640 : 460}>
      <form onSubmit={send} className={styles.form}>
        {children}
        <Refusal problem={submit.problem} />
        <div className={styles.buttons}>
          <Button variant="default" onClick={close}>
            {danger ? "Keep it" : "Back"}
          </Button>
          <Button type="submit" loading={submit.busy} disabled={!ready} {...(danger ? { color: "#b3261e" } : {})}>
            {word}
          </Button>
        </div>
      </form>
    </Popup>
  );
}
