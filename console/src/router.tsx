// Which address shows what. Filters and tabs live in the address, so that Back and links keep them.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { Problem } from "./api/client";
import { orderQuery, queryClient, sessionQuery } from "./api/queries";
import { returnQuery } from "./api/returnQueries";
import { OrderList } from "./orders/list/OrderList";
import { Shell } from "./shell/Shell";
import { SignIn } from "./signin/SignIn";
import { Failed, Notice } from "./ui/Notice";

export interface ListSearch {
  status?: string;
  health?: string;
  channel?: string;
  q?: string;
}

export type Tab = "order" | "money" | "why" | "timeline";
const TABS: Tab[] = ["money", "why", "timeline"];

export interface FinanceSearch {
  tab?: "invoices" | "balances" | "parked";
  number?: string;
  order?: string;
  kind?: string;
  since?: string;
  until?: string;
  entity?: string;
  account?: string;
}
const FINANCE = ["tab", "number", "order", "kind", "since", "until", "entity", "account"] as const;

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

const root = createRootRoute({
  component: Outlet,
  errorComponent: ({ error, reset }) => (
    <Failed error={error instanceof Error ? error : new Error(String(error))} retry={reset} />
  ),
  notFoundComponent: () => <Notice title="There is no such page">The address may be mistyped.</Notice>,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: SignIn,
  validateSearch: (search: Record<string, unknown>): { to?: string } => {
    const to = text(search.to);
    return to?.startsWith("/") && !to.startsWith("//") ? { to } : {};
  },
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(sessionQuery);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        throw redirect({ to: "/sign-in", search: { to: location.href } });
      }
      throw error;
    }
  },
});

const home = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/orders", search: {}, replace: true });
  },
});

const orderList = createRoute({
  getParentRoute: () => signedIn,
  path: "/orders",
  component: OrderList,
  validateSearch: (search: Record<string, unknown>): ListSearch => {
    const found: ListSearch = {};
    for (const name of ["status", "health", "channel", "q"] as const) {
      const value = text(search[name]);
      if (value) found[name] = value;
    }
    return found;
  },
});

const orderPage = createRoute({
  getParentRoute: () => signedIn,
  path: "/orders/$number",
  component: lazyRouteComponent(() => import("./orders/page/OrderPage"), "OrderPage"),
  validateSearch: (search: Record<string, unknown>): { tab?: Tab } => {
    const tab = TABS.find((each) => each === search.tab);
    return tab ? { tab } : {};
  },
  loader: ({ params }) => void queryClient.prefetchQuery(orderQuery(params.number)),
});

const returnList = createRoute({
  getParentRoute: () => signedIn,
  path: "/returns",
  component: lazyRouteComponent(() => import("./returns/list/ReturnList"), "ReturnList"),
  validateSearch: (search: Record<string, unknown>): { status?: string } => {
    const status = text(search.status);
    return status ? { status } : {};
  },
});

const returnPage = createRoute({
  getParentRoute: () => signedIn,
  path: "/returns/$number",
  component: lazyRouteComponent(() => import("./returns/page/ReturnPage"), "ReturnPage"),
  loader: ({ params }) => void queryClient.prefetchQuery(returnQuery(params.number)),
});

const finance = createRoute({
  getParentRoute: () => signedIn,
  path: "/finance",
  component: lazyRouteComponent(() => import("./finance/Finance"), "Finance"),
  validateSearch: (search: Record<string, unknown>): FinanceSearch =>
    Object.fromEntries(FINANCE.map((name) => [name, text(search[name])]).filter(([, value]) => value)) as FinanceSearch,
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    signedIn.addChildren([home, orderList, orderPage, returnList, returnPage, finance]),
  ]),
  basepath: "/console",
  // Plain words in the address: a number of many digits stays the text that it is.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined);
    const made = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return made && `?${made}`;
  },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

// A session that ends while the console is open leads to the sign-in, and back from there.
queryClient.getQueryCache().subscribe(({ query }) => {
  const { error } = query.state;
  const here = router.state.location;
  if (!(error instanceof Problem) || error.status !== 401 || here.pathname === "/sign-in") return;
  if (query.queryKey[0] === "session") return;
  queryClient.removeQueries({ queryKey: sessionQuery.queryKey });
  void router.navigate({ to: "/sign-in", search: { to: here.href }, replace: true });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
