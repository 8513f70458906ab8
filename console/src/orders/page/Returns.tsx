import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { orderReturnsQuery } from "../../api/returnQueries";
import { Card } from "../../ui/Card";
import { Table } from "../../ui/Table";
import { Tag } from "../../ui/Tag";
import { Time } from "../../ui/Time";
import { CAUSE, RETURN } from "../../words/afterSales";
import { units } from "../../words/format";
import { said, sentence } from "../../words/status";

/** The returns of an order, if there are any. */
export function Returns({ number }: { number: string }) {
  const rows = useQuery(orderReturnsQuery(number)).data?.data ?? [];
  if (!rows.length) return null;
  return (
    <Card title="Returns" flush>
      <Table
        label="Returns of this order"
        opens
        rows={rows}
        id={(row) => row.id}
        columns={[
          {
            word: "Return",
            cell: (row) => (
              <Link to="/returns/$number" params={{ number: row.number }}>
                {row.number}
              </Link>
            ),
          },
          { word: "Status", cell: (row) => <Tag said={said(RETURN, row.status)} plain /> },
          { word: "Why", cell: (row) => row.reasons.map(sentence).join(", ") || CAUSE[row.cause] || sentence(row.cause) },
          { word: "Units", number: true, cell: (row) => units(row.units) },
          { word: "Since", cell: (row) => <Time at={row.requested_at} /> },
        ]}
      />
    </Card>
  );
}
