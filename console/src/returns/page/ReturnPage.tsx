// One return: what was asked for and decided, what came in, what it brought, what may be done.

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { returnQuery } from "../../api/returnQueries";
import type { Grading, Return } from "../../api/returnTypes";
import { Bones } from "../../ui/Bones";
import { Card } from "../../ui/Card";
import { useKeys } from "../../ui/keys";
import { Failed } from "../../ui/Notice";
import { useTitle } from "../../ui/title";
import { Decision } from "./Decision";
import { Goods } from "./Goods";
import { Gradings } from "./Gradings";
import { Head } from "./Head";
import { Side } from "./Side";
import styles from "../../orders/page/OrderPage.module.css";

const Dialogs = lazy(() => import("../dialogs/Dialogs"));

/** What a person wants to do to a return: it opens a dialog. */
export type Ask =
  | { do: "approve" | "refuse" | "receive" | "grade" | "settle" | "cancel" }
  | { do: "dispose"; grading: Grading };

export function ReturnPage() {
  const { number } = useParams({ from: "/signed-in/returns/$number" });
  const found = useQuery(returnQuery(number));
  useTitle(`Return ${found.data?.number ?? number}`);
  if (found.data) return <Shown rma={found.data} stale={found.isError} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  return (
    <div className={styles.page}>
      <div className={styles.headBone} />
      <div className={styles.grid}>
        <Card title="Goods" flush>
          <Bones label="Loading the return" />
        </Card>
      </div>
    </div>
  );
}

function Shown({ rma, stale }: { rma: Return; stale: boolean }) {
  const [ask, setAsk] = useState<Ask | null>(null);
  const navigate = useNavigate();
  const { history } = useRouter();
  const back = () => (history.canGoBack() ? history.back() : void navigate({ to: "/returns", search: {} }));
  useKeys({ u: back });
  return (
    <div className={styles.page}>
      <Head rma={rma} back={back} stale={stale} onAsk={setAsk} />
      <div className={styles.grid}>
        <div className={styles.column}>
          <Goods rma={rma} />
          <Gradings rma={rma} onAsk={setAsk} />
          <Decision rma={rma} />
        </div>
        <Side rma={rma} />
      </div>
      <Suspense>{ask && <Dialogs ask={ask} rma={rma} close={() => setAsk(null)} />}</Suspense>
    </div>
  );
}
