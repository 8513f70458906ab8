// The one list of orders: counters, search, filters, and rows that stay quick however many there are.

import { Button, Loader } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { ordersQuery } from "../../api/queries";
import type { ListSearch } from "../../router";
import { useKeys } from "../../ui/keys";
import { Failed, Notice } from "../../ui/Notice";
import { useTitle } from "../../ui/title";
import { keepVisibility, keptVisibility } from "./columns";
import { Counters } from "./Counters";
import { Filters } from "./Filters";
import { Rows } from "./Rows";
import { Waiting } from "./Waiting";
import styles from "./OrderList.module.css";

export function OrderList() {
  useTitle("Orders");
  const search = useSearch({ from: "/signed-in/orders" });
  const field = useRef<HTMLInputElement>(null);
  const [visibility, setVisibility] = useState(keptVisibility);
  useKeys({
    "/": (event) => {
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    },
  });
  const choose = (chosen: Record<string, boolean>) => {
    setVisibility(chosen);
    keepVisibility(chosen);
  };
  return (
    <div className={styles.page}>
      <h1 className="unseen">Orders</h1>
      <Counters search={search} />
      <Filters search={search} field={field} visibility={visibility} onVisibility={choose} />
      <Found search={search} visibility={visibility} />
    </div>
  );
}

function Found({ search, visibility }: { search: ListSearch; visibility: Record<string, boolean> }) {
  const narrow = useMediaQuery("(max-width: 760px)", undefined, { getInitialValueInEffect: false }) ?? false;
  const found = useInfiniteQuery(ordersQuery(search));
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.data) ?? [], [found.data]);
  if (found.isPending) return <Waiting narrow={narrow} />;
  if (found.isError && !rows.length) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!rows.length) return <Nothing filtered={Object.keys(search).length > 0} />;
  return (
    <>
      <Rows
        key={JSON.stringify(search)}
        place={JSON.stringify(search)}
        rows={rows}
        narrow={narrow}
        visibility={visibility}
        stale={found.isPlaceholderData}
        onEnd={() => {
          if (found.hasNextPage && !found.isFetchingNextPage && !found.isError) void found.fetchNextPage();
        }}
      />
      <div className={styles.foot} role="status">
        {found.isError ? (
          <span data-tone="bad" className={styles.late}>
            {found.error.message} What is shown may be old.{" "}
            <button type="button" className={styles.again} onClick={() => void found.refetch()}>
              Try again
            </button>
          </span>
        ) : (
          <span>
            {rows.length}
            {found.hasNextPage ? "+" : ""} {rows.length === 1 ? "order" : "orders"}, newest first
          </span>
        )}
        {found.isFetchingNextPage && <Loader size={14} aria-label="Loading more" />}
      </div>
    </>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  const navigate = useNavigate({ from: "/orders" });
  if (!filtered) {
    return (
      <Notice title="No orders yet">
        They appear here as channels send them, as files are imported, or as POST /v1/orders takes them.
      </Notice>
    );
  }
  return (
    <Notice
      title="No order matches"
      action={
        <Button variant="default" onClick={() => void navigate({ search: {} })}>
          Clear search and filters
        </Button>
      }
    >
      The search looks at the start of numbers and buyers’ names, and at whole e-mail addresses, SKUs, tracking numbers
      and the channels’ own numbers.
    </Notice>
  );
}
