import css from "./Skeleton.module.css";

/** A grey line in the place of a text that is on its way. */
export function Skeleton({ width }: { width: number }) {
  return <span className={css["line"]} style={{ width: `${width}px` }} aria-hidden="true" />;
}
