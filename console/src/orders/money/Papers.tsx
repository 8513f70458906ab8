import { useQuery } from "@tanstack/react-query";
import { orderInvoicesQuery } from "../../api/moneyQueries";
import type { Invoice } from "../../api/moneyTypes";
import { Bones } from "../../ui/Bones";
import { Card } from "../../ui/Card";
import { FileIcon } from "../../ui/icons";
import { Failed } from "../../ui/Notice";
import { type Column, Table } from "../../ui/Table";
import { Tag } from "../../ui/Tag";
import { PAPER } from "../../words/afterSales";
import { day, money } from "../../words/format";
import { said } from "../../words/status";
import styles from "./Money.module.css";

export const PAPER_COLUMNS: Column<Invoice>[] = [
  { word: "Number", cell: (paper) => <strong className="num">{paper.number}</strong> },
  { word: "Kind", cell: (paper) => <Tag said={said(PAPER, paper.kind)} plain /> },
  { word: "Issued", cell: (paper) => day(paper.issued_on) },
  { word: "Net", number: true, cell: (paper) => money(paper.net, paper.currency) },
  { word: "Tax", number: true, cell: (paper) => money(paper.tax, paper.currency) },
  { word: "Total", number: true, cell: (paper) => <strong>{money(paper.total, paper.currency)}</strong> },
  { word: "Paper", cell: (paper) => <Files paper={paper} /> },
];

function Files({ paper }: { paper: Invoice }) {
  return (
    <span className={styles.links}>
      <a href={`/v1/invoices/${paper.id}/pdf`} target="_blank" rel="noreferrer" aria-label={`PDF of ${paper.number}`}>
        <FileIcon size={13} /> PDF
      </a>
    </span>
  );
}

/** The invoices and credit memos of an order. */
export function Papers({ number }: { number: string }) {
  const found = useQuery(orderInvoicesQuery(number));
  return (
    <Card title="Invoices and credit memos" flush>
      {found.isError && !found.data ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : !found.data ? (
        <Bones label="Loading invoices" rows={2} />
      ) : found.data.data.length ? (
        <Table label="Invoices and credit memos" columns={PAPER_COLUMNS} rows={found.data.data.toReversed()} id={(paper) => paper.id} />
      ) : (
        <p className={styles.none}>Nothing was billed yet. An invoice is issued for what has left.</p>
      )}
    </Card>
  );
}
