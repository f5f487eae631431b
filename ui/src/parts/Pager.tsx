import { Link } from "wouter";
import css from "./Pager.module.css";

interface Props {
  /** Counted from 1. */
  page: number;
  /** Rows on a page. */
  size: number;
  /** Rows on all pages, once it is known. */
  count: number | undefined;
  to: (page: number) => string;
}

/** Links to the neighbouring pages, where there is more than one page. */
export function Pager({ page, size, count, to }: Props) {
  const pages = Math.max(1, Math.ceil((count ?? 0) / size));
  if (count === undefined || (pages === 1 && page === 1)) return null;
  const first = (page - 1) * size + 1;
  return (
    <nav className={css["pager"]} aria-label="Pages">
      {page > 1 ? <Link href={to(page - 1)}>‹ Newer</Link> : <span>‹ Newer</span>}
      <p>
        {first > count ? `Page ${page}` : `${first.toLocaleString("en")}–${Math.min(count, page * size).toLocaleString("en")}`} of{" "}
        {count.toLocaleString("en")}
      </p>
      {page < pages ? <Link href={to(page + 1)}>Older ›</Link> : <span>Older ›</span>}
    </nav>
  );
}
