// The money of an order: each tender with all that was asked for it, what is owed, papers, books.

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useMay } from "../../api/may";
import { paymentsQuery } from "../../api/moneyQueries";
import type { Order } from "../../api/types";
import { Failed } from "../../ui/Notice";
import { Bones } from "../../ui/Bones";
import { Books } from "./Books";
import { Owed } from "./Owed";
import { Papers } from "./Papers";
import { Tenders } from "./Tenders";
import styles from "./Money.module.css";

const Refund = lazy(() => import("./Refund"));

export default function MoneyTab({ order }: { order: Order }) {
  const { has, everywhere } = useMay();
  return (
    <div className={styles.column}>
      {has("payments:read") && <Paid order={order} />}
      {has("invoicing:read") && everywhere && <Papers number={order.number} />}
      {has("accounting:read") && everywhere && <Books order={order} />}
    </div>
  );
}

function Paid({ order }: { order: Order }) {
  const { has } = useMay();
  const found = useQuery(paymentsQuery(order.number));
  const [refunding, setRefunding] = useState(false);
  if (found.isError && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Bones label="Loading the payments" rows={4} />;
  const may = has("payments:write");
  return (
    <>
      <Tenders
        payments={found.data}
        currency={order.currency}
        onRefund={may && found.data.refundable > 0 ? () => setRefunding(true) : undefined}
      />
      {found.data.receivables.length > 0 && <Owed order={order} receivables={found.data.receivables} may={may} />}
      <Suspense>
        {refunding && <Refund order={order} payments={found.data} close={() => setRefunding(false)} />}
      </Suspense>
    </>
  );
}
