// What waits for a person: open exceptions, oldest first, and jobs that failed too often.

import { Button, Tabs } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { freshKey, type Problem, write } from "../../api/client";
import { useMay } from "../../api/may";
import { countsQuery, exceptionsQuery, parkedQuery } from "../../api/queries";
import type { Job } from "../../api/types";
import { Failed, Notice, Refusal } from "../../ui/Notice";
import { Popup } from "../../ui/Popup";
import { Time } from "../../ui/Time";
import { say } from "../../ui/toast";
import { plural } from "../../words/format";
import { sentence } from "../../words/status";
import styles from "./Queues.module.css";

export default function Queues({ close }: { close: () => void }) {
  const { data } = useQuery(countsQuery);
  return (
    <Popup title="Waiting for a person" close={close} size={720}>
      <Tabs defaultValue={data?.exceptions ? "exceptions" : "jobs"} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="exceptions">Exceptions ({data?.exceptions ?? 0})</Tabs.Tab>
          <Tabs.Tab value="jobs">Parked jobs ({data?.parked_jobs ?? 0})</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="exceptions">
          <Exceptions />
        </Tabs.Panel>
        <Tabs.Panel value="jobs">
          <Jobs />
        </Tabs.Panel>
      </Tabs>
    </Popup>
  );
}

function Exceptions() {
  const found = useQuery(exceptionsQuery);
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <p className={styles.wait}>Loading…</p>;
  if (!found.data.data.length) return <Notice title="No open exception" />;
  return (
    <ul className={styles.list}>
      {found.data.data.map((exception) => (
        <li key={exception.id}>
          <div>
            {exception.order_id ? (
              <Link to="/orders/$number" params={{ number: exception.order_id }} className={styles.what}>
                {sentence(exception.kind)}
              </Link>
            ) : (
              <strong>{sentence(exception.kind)}</strong>
            )}
            <div>{exception.cause}</div>
            <div className="dim">{exception.suggestion}</div>
          </div>
          {exception.opened_at && (
            <span className="dim">
              <Time at={exception.opened_at} as="ago" />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Jobs() {
  const { session } = useMay();
  const client = useQueryClient();
  const found = useQuery(parkedQuery);
  const retry = useMutation<unknown, Problem, Job>({
    mutationFn: (job) => write("POST", `/work/${job.id}/retry`, undefined, freshKey()),
    onSuccess: () => {
      say("It runs again");
      return client.invalidateQueries({ queryKey: ["orders"] });
    },
  });
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <p className={styles.wait}>Loading…</p>;
  if (!found.data.data.length) return <Notice title="No parked job" />;
  return (
    <>
      <Refusal problem={retry.error} />
      <ul className={styles.list}>
        {found.data.data.map((job) => (
          <li key={job.id}>
            <div>
              <strong className="mono">{job.kind}</strong>
              <div className={styles.error}>{job.error}</div>
              <div className="dim">
                {plural(job.attempts, "try", "tries")} since <Time at={job.created_at} inline />
              </div>
            </div>
            {session.permissions.includes("work:write") && (
              <Button size="xs" variant="default" loading={retry.isPending && retry.variables.id === job.id} onClick={() => retry.mutate(job)}>
                Retry
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
