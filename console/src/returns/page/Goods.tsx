import type { Return, ReturnLine } from "../../api/returnTypes";
import { Card } from "../../ui/Card";
import { type Column, Table } from "../../ui/Table";
import { GOES_TO } from "../../words/afterSales";
import { count, units } from "../../words/format";
import { sentence } from "../../words/status";
import styles from "./Return.module.css";

const shown = (value: number) => (value ? count(value) : <span className="dim">0</span>);

/** What was asked for, line by line, and how far its units are. */
export function Goods({ rma }: { rma: Return }) {
  const columns: Column<ReturnLine>[] = [
    { word: "Item", cell: (line) => <Item line={line} rma={rma} /> },
    { word: "Asked for", number: true, cell: (line) => shown(line.requested) },
    { word: "Approved", number: true, cell: (line) => (rma.decided_at ? shown(line.units) : "—") },
    { word: "Came in", number: true, cell: (line) => shown(line.received) },
    { word: "Graded", number: true, cell: (line) => shown(line.graded) },
    { word: "Put away", number: true, cell: (line) => shown(line.disposed) },
    { word: "Settled", number: true, cell: (line) => shown(line.settled) },
  ];
  return (
    <Card title="Goods" flush aside={<span className="dim">{units(rma.units)}</span>}>
      <Table label="Goods" columns={columns} rows={rma.lines} id={(line) => String(line.line_no)} />
    </Card>
  );
}

function Item({ line, rma }: { line: ReturnLine; rma: Return }) {
  const photos = rma.photos.filter((photo) => photo.line_no === line.line_no);
  const told = [
    sentence(line.reason),
    line.condition,
    line.exchange_sku ? `exchange for ${line.exchange_sku}` : line.wanted !== "original" && (GOES_TO[line.wanted] ?? sentence(line.wanted)),
    line.kept > 0 && `${units(line.kept)} kept by the customer`,
    line.missing > 0 && `${units(line.missing)} did not come`,
  ].filter(Boolean);
  return (
    <div className={styles.item}>
      {line.title || line.sku_code} <span className="dim mono">{line.sku_code}</span>
      <div className="dim">{told.join(" · ")}</div>
      {line.note && <blockquote className={styles.note}>{line.note}</blockquote>}
      {photos.length > 0 && (
        <div className={styles.photos}>
          {photos.map((photo, n) => (
            <a key={photo.id} href={`/v1/returns/${rma.id}/photos/${photo.id}`} target="_blank" rel="noreferrer">
              <img
                src={`/v1/returns/${rma.id}/photos/${photo.id}`}
                alt={`Photo ${n + 1}, ${photo.stage === "grade" ? "when graded" : "from the customer"}`}
                loading="lazy"
              />
            </a>
          ))}
        </div>
      )}
    </div>
  );
}
