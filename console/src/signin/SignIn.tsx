import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { Problem, write } from "../api/client";
import { queryClient, sessionQuery } from "../api/queries";
import type { Session, SignIn as Asked } from "../api/types";
import { Mark } from "../shell/Mark";
import { SchemeToggle } from "../shell/Shell";
import { Refusal } from "../ui/Notice";
import styles from "./SignIn.module.css";

const REMEMBERED = "baton-merchant";

export function SignIn() {
  const { to } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const { history } = useRouter();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const merchant = String(form.get("merchant") ?? "").trim();
    const asked: Asked = { email: String(form.get("email")).trim(), password: String(form.get("password")) };
    setBusy(true);
    setProblem(null);
    try {
      const session = await write<Session>("POST", "/sessions", merchant ? { ...asked, merchant } : asked);
      remember(merchant);
      queryClient.clear();
      queryClient.setQueryData(sessionQuery.queryKey, session);
      if (to) history.push(import.meta.env.BASE_URL + to.slice(1));
      else await navigate({ to: "/orders", search: {} });
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, { code: "unexpected", detail: String(error) }));
      setBusy(false);
    }
  };

  return (
    <div className={styles.page}>
      <div className={styles.corner}>
        <SchemeToggle />
      </div>
      <main className={styles.box}>
        <div className={styles.brand}>
          <Mark size={36} />
          <h1>Sign in to Baton</h1>
        </div>
        <form onSubmit={(event) => void submit(event)} className={styles.form}>
          <TextInput
            label="Merchant"
            name="merchant"
            description="Its short name; leave it out where there is only one"
            defaultValue={remembered()}
            autoComplete="organization"
            autoCapitalize="none"
            spellCheck={false}
          />
          <TextInput label="E-mail" name="email" type="email" autoComplete="username" required withAsterisk={false} autoFocus />
          <PasswordInput label="Password" name="password" autoComplete="current-password" required withAsterisk={false} />
          {problem && <Refusal problem={problem.status === 401 ? withoutField(problem) : problem} />}
          <Button type="submit" loading={busy} fullWidth mt={4}>
            Sign in
          </Button>
        </form>
      </main>
    </div>
  );
}

const withoutField = (problem: Problem): Problem =>
  new Problem(problem.status, { code: problem.code, detail: problem.message });

function remembered(): string {
  try {
    return localStorage.getItem(REMEMBERED) ?? "";
  } catch {
    return "";
  }
}

function remember(merchant: string): void {
  try {
    localStorage.setItem(REMEMBERED, merchant);
  } catch {
    // Storage may be forbidden; the merchant is typed again next time.
  }
}
