// One order: what it is, where it stands, what may be done. It follows the order as it changes.

import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useNavigate, useParams, useRouter, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useMay } from "../../api/may";
import { orderQuery } from "../../api/queries";
import type { Order } from "../../api/types";
import type { Tab } from "../../router";
import { useKeys } from "../../ui/keys";
import { Bones as List } from "../../ui/Bones";
import { Failed } from "../../ui/Notice";
import { useTitle } from "../../ui/title";
import type { Ask, OnAsk } from "./ask";
import { Banners } from "./Banners";
import { Delivery } from "./Delivery";
import { Head } from "./Head";
import { Lines } from "./Lines";
import { Returns } from "./Returns";
import { Side } from "./Side";
import { Timeline } from "./Timeline";
import { Why } from "./Why";
import styles from "./OrderPage.module.css";

const MoneyTab = lazy(() => import("../money/MoneyTab"));
const Dialogs = lazy(() => import("../dialogs/Dialogs"));

export function OrderPage() {
  const { number } = useParams({ from: "/signed-in/orders/$number" });
  const found = useQuery(orderQuery(number));
  const search = useSearch({ from: "/signed-in/orders/$number" });
  useTitle(number);
  if (found.data && found.data.number !== number) {
    return <Navigate to="/orders/$number" params={{ number: found.data.number }} search={search} replace />;
  }
  if (found.data) return <Shown order={found.data} stale={found.isError} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  return <Bones />;
}

function Shown({ order, stale }: { order: Order; stale: boolean }) {
  const [ask, setAsk] = useState<Ask | null>(null);
  const navigate = useNavigate({ from: "/orders/$number" });
  const { history } = useRouter();
  const back = () => (history.canGoBack() ? history.back() : void navigate({ to: "/orders", search: {} }));
  const { tab = "order" } = useSearch({ from: "/signed-in/orders/$number" });
  const show = (chosen: Tab) =>
    void navigate({ search: chosen === "order" ? {} : { tab: chosen }, replace: true, resetScroll: false });
  useKeys({ u: back, 1: () => show("order"), 2: () => show("why"), 3: () => show("timeline"), 4: () => show("money") });
  return (
    <div className={styles.page}>
      <Head order={order} onAsk={setAsk} back={back} stale={stale} />
      <div className={styles.grid}>
        <div className={styles.column}>
          <Banners order={order} onAsk={setAsk} />
          <Views order={order} tab={tab} show={show} onAsk={setAsk} />
        </div>
        <Side order={order} showTimeline={() => show("timeline")} />
      </div>
      <Suspense>{ask && <Dialogs ask={ask} order={order} close={() => setAsk(null)} />}</Suspense>
    </div>
  );
}

interface ViewsProps {
  order: Order;
  tab: Tab;
  show: (tab: Tab) => void;
  onAsk: OnAsk;
}

function Views({ order, tab, show, onAsk }: ViewsProps) {
  const may = useMay();
  return (
    <Tabs value={tab} onChange={(value) => show((value ?? "order") as Tab)} keepMounted={false}>
      <Tabs.List className={styles.tabs}>
        <Tabs.Tab value="order">Order</Tabs.Tab>
        {may.routing && <Tabs.Tab value="why">Why here</Tabs.Tab>}
        <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
        {may.money && <Tabs.Tab value="money">Money</Tabs.Tab>}
      </Tabs.List>
      <Tabs.Panel value="order" className={styles.column}>
        <Lines order={order} />
        {order.groups.map((group) => (
          <Delivery key={group.number} order={order} group={group} onAsk={onAsk} />
        ))}
        {may.has("returns:read") && <Returns number={order.number} />}
      </Tabs.Panel>
      {may.routing && (
        <Tabs.Panel value="why">
          <Why order={order} />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="timeline">
        <Timeline order={order} />
      </Tabs.Panel>
      {may.money && (
        <Tabs.Panel value="money">
          <Suspense fallback={<List label="Loading the money" />}>
            <MoneyTab order={order} />
          </Suspense>
        </Tabs.Panel>
      )}
    </Tabs>
  );
}

function Bones() {
  return (
    <div className={styles.page} role="status" aria-label="Loading the order">
      <div className={styles.headBone} />
      <div className={styles.grid}>
        <div className={styles.column}>
          <div className={styles.bone} style={{ height: 220 }} />
          <div className={styles.bone} style={{ height: 300 }} />
        </div>
        <div className={styles.bone} style={{ height: 260 }} />
      </div>
    </div>
  );
}
