// A table that becomes a list of cards on a phone, where every value carries its column's word.

import type { ReactNode } from "react";
import styles from "./Table.module.css";

export interface Column<R> {
  word: string;
  cell: (row: R) => ReactNode;
  number?: boolean;
  /** On a phone it has a line of its own. */
  whole?: boolean;
}

interface TableProps<R> {
  label: string;
  columns: Column<R>[];
  rows: R[];
  id: (row: R) => string;
  /** The first cell holds a link that the whole row leads to. */
  opens?: boolean;
  foot?: ReactNode;
}

export function Table<R>({ label, columns, rows, id, opens, foot }: TableProps<R>) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table} aria-label={label} data-opens={opens || undefined}>
        <thead>
          <tr>
            {columns.map(({ word, number }) => (
              <th key={word} scope="col" data-number={number || undefined}>
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)}>
              {columns.map(({ word, cell, number, whole }, n) => (
                <td key={word} data-word={n ? word : undefined} data-number={number || undefined} data-whole={whole || undefined}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {foot && <tfoot>{foot}</tfoot>}
      </table>
    </div>
  );
}
