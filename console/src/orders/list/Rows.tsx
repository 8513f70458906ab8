// The rows: only those in sight are in the page. j and k walk through them, Enter opens.

import { useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { OrderRow } from "../../api/types";
import { useKeys } from "../../ui/keys";
import { columns, features, NUMBERS, template } from "./columns";
import { RowCard } from "./RowCard";
import styles from "./OrderList.module.css";

interface RowsProps {
  place: string;
  rows: OrderRow[];
  narrow: boolean;
  visibility: Record<string, boolean>;
  stale: boolean;
  onEnd: () => void;
}

const HEADER = 37; // px, and as much of the list lies under it

// Where each list was left, so that Back leads to the same place.
const left = new Map<string, { offset: number; index: number }>();

export function Rows({ place, rows, narrow, visibility, stale, onEnd }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const current = useRef(left.get(place)?.index ?? -1);
  const table = useTable({
    features,
    columns,
    data: rows,
    getRowId: (row) => row.id,
    state: { columnVisibility: visibility },
  });
  const header = narrow ? 0 : HEADER;
  const shown = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? 84 : 40),
    getItemKey: (index) => shown[index]?.id ?? index,
    overscan: 12,
    scrollMargin: header,
    scrollPaddingStart: header,
    initialOffset: left.get(place)?.offset ?? 0,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= shown.length - 25) onEnd();
  }, [last, shown.length, onEnd]);
  useEffect(() => virtual.measure(), [narrow, virtual]);
  const keep = () => left.set(place, { offset: scroller.current?.scrollTop ?? 0, index: current.current });

  const walk = (step: number) => {
    current.current = Math.max(0, Math.min(shown.length - 1, current.current + step));
    virtual.scrollToIndex(current.current);
    keep();
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-index="${current.current}"] a`)?.focus({ preventScroll: true });
    });
  };
  useKeys({ j: () => walk(1), k: () => walk(-1) });

  const widths = { gridTemplateColumns: template(table.getVisibleLeafColumns().map((column) => column.id)) };
  return (
    <div
      ref={scroller}
      className={styles.table}
      data-stale={stale || undefined}
      role="table"
      aria-label="Orders"
      aria-rowcount={-1}
      onScroll={keep}
    >
      {!narrow && (
        <div role="rowgroup" className={styles.header}>
          {table.getHeaderGroups().map((group) => (
            <div key={group.id} role="row" className={styles.cells} style={widths}>
              {group.headers.map((header) => (
                <div key={header.id} role="columnheader" data-number={NUMBERS.has(header.column.id) || undefined}>
                  <table.FlexRender header={header} />
                </div>
              ))}
            </div>
          ))}
        </div>
      )}
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = shown[item.index];
          if (!row) return null;
          return (
            <div
              key={item.key}
              role="row"
              data-index={item.index}
              aria-rowindex={item.index + 2}
              className={styles.row}
              style={{ transform: `translateY(${item.start - header}px)`, height: item.size }}
              onFocus={() => {
                current.current = item.index;
                keep();
              }}
            >
              {narrow ? (
                <RowCard order={row.original} />
              ) : (
                <div className={styles.cells} style={widths} role="presentation">
                  {row.getVisibleCells().map((cell) => (
                    <div key={cell.id} role="cell" data-number={NUMBERS.has(cell.column.id) || undefined}>
                      <table.FlexRender cell={cell} />
                    </div>
                  ))}
                </div>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
