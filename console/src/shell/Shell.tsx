// The frame around every page: whose merchant this is, who is signed in, light or dark.

import { ActionIcon, Menu, Tooltip, useMantineColorScheme } from "@mantine/core";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { write } from "../api/client";
import { useMay } from "../api/may";
import { queryClient } from "../api/queries";
import { KeyboardIcon, MoonIcon, ScreenIcon, SunIcon, UserIcon } from "../ui/icons";
import { useKeys } from "../ui/keys";
import { Toast } from "../ui/toast";
import { Mark } from "./Mark";
import styles from "./Shell.module.css";

const Find = lazy(() => import("./Find"));
const Keys = lazy(() => import("./Keys"));

const SCHEMES = {
  auto: { icon: ScreenIcon, word: "Like the system", next: "light" },
  light: { icon: SunIcon, word: "Light", next: "dark" },
  dark: { icon: MoonIcon, word: "Dark", next: "auto" },
} as const;

export function Shell() {
  const [help, setHelp] = useState(false);
  useKeys({ "?": () => setHelp(true) });
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        Skip to the page
      </a>
      <Top onHelp={() => setHelp(true)} />
      <main id="main" tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
      <Toast />
      <Suspense>{help && <Keys close={() => setHelp(false)} />}</Suspense>
    </div>
  );
}

function Top({ onHelp }: { onHelp: () => void }) {
  const { session, has, everywhere } = useMay();
  return (
    <header className={styles.top}>
      <Link to="/orders" search={{}} className={styles.brand}>
        <Mark />
        <span>Baton</span>
      </Link>
      <span className={styles.merchant}>{session.merchant.name}</span>
      <nav aria-label="Main" className={styles.nav}>
        <Link to="/orders" search={{}} activeOptions={{ includeSearch: false }} className={styles.tab}>
          Orders
        </Link>
        {has("returns:read") && (
          <Link to="/returns" search={{}} activeOptions={{ includeSearch: false }} className={styles.tab}>
            Returns
          </Link>
        )}
        {everywhere && (has("invoicing:read") || has("accounting:read")) && (
          <Link to="/finance" search={{}} activeOptions={{ includeSearch: false }} className={styles.tab}>
            Finance
          </Link>
        )}
      </nav>
      <div className={styles.find}>
        <Suspense>
          <Find />
        </Suspense>
      </div>
      <div className={styles.tools}>
        <span className={styles.wide}>
          <Tooltip label="Keys (?)">
            <ActionIcon size="lg" onClick={onHelp} aria-label="Show keys">
              <KeyboardIcon size={18} />
            </ActionIcon>
          </Tooltip>
        </span>
        <SchemeToggle />
        <UserMenu name={session.user?.name ?? session.actor} email={session.user?.email ?? ""} />
      </div>
    </header>
  );
}

export function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { icon: Icon, word, next } = SCHEMES[colorScheme];
  return (
    <Tooltip label={`Colours: ${word.toLowerCase()}`}>
      <ActionIcon
        size="lg"
        onClick={() => setColorScheme(next)}
        aria-label={`Colours: ${word}. Change to ${SCHEMES[next].word}`}
      >
        <Icon size={18} />
      </ActionIcon>
    </Tooltip>
  );
}

function UserMenu({ name, email }: { name: string; email: string }) {
  const navigate = useNavigate();
  const signOut = async () => {
    await write("DELETE", "/session").catch(() => undefined);
    queryClient.clear();
    await navigate({ to: "/sign-in", search: {} });
  };
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon size="lg" aria-label={`Account of ${name}`}>
          <UserIcon size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <strong>{name}</strong>
          <br />
          {email}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
