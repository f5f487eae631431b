import { type ReactNode } from "react";
import { ApiError } from "../api/request.ts";
import css from "./Notice.module.css";

/** Says that something could not be had, why, and what to do. */
export function ErrorCard({ what, error, retry }: { what: string; error: unknown; retry: () => void }) {
  const status = error instanceof ApiError && error.status > 0 ? `${error.status}: ` : "";
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className={css["card"]} role="alert">
      <p className={css["title"]}>{what}</p>
      <p className={css["why"]}>
        {status}
        {message}. It is tried again by itself.
      </p>
      <button type="button" onClick={retry}>
        Try now
      </button>
    </div>
  );
}

/** Says that there is nothing to show, and how there would be. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={css["empty"]}>
      <p className={css["title"]}>{title}</p>
      {children}
    </div>
  );
}
