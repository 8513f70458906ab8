import { Button } from "@mantine/core";
import { plural } from "../words/format";
import styles from "./Frame.module.css";

interface MoreProps {
  count: number;
  one: string;
  pages: { hasNextPage: boolean; isFetchingNextPage: boolean; error: Error | null; fetchNextPage: () => unknown };
}

/** How many there are, and the way to the next page. */
export function More({ count, one, pages }: MoreProps) {
  return (
    <div className={styles.more} role="status">
      <span className="dim">
        {pages.hasNextPage ? `The first ${plural(count, one)}` : plural(count, one)}
        {pages.error && <span data-tone="bad"> · {pages.error.message} What is shown may be old.</span>}
      </span>
      {pages.hasNextPage && (
        <Button size="xs" variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Show more
        </Button>
      )}
    </div>
  );
}
