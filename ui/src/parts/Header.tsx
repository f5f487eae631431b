import { Link, useRoute } from "wouter";
import { signOut } from "../api/request.ts";
import { config } from "../config.ts";
import { link } from "../live/events.ts";
import type { Link as LinkState } from "../live/policy.ts";
import { signedIn } from "../session.ts";
import { useStore } from "../store.ts";
import css from "./Header.module.css";

const TELLS: Record<LinkState, string> = {
  live: "Changes are shown as they happen",
  connecting: "Connecting to the server's events",
  polling: "The server's events cannot be reached: asking every few seconds",
  offline: "The server does not answer: what is shown may be old",
};

function LiveMark() {
  const state = useStore(link);
  return (
    <span className={css["live"]} data-link={state} title={TELLS[state]} role="status">
      <span className={css["dot"]} aria-hidden="true" />
      {state}
    </span>
  );
}

export function Logo() {
  return (
    <svg className={css["logo"]} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M9 7v14a4 4 0 0 0 4 4h10" />
      <path d="M15.500 7v8.500a3 3 0 0 0 3 3H23" data-second="" />
    </svg>
  );
}

/** The bar above every page. */
export function Header({ help }: { help: () => void }) {
  const allowed = useStore(signedIn);
  const [inRuns] = useRoute("/runs/*?");
  return (
    <header className={css["header"]}>
      <Link href="/runs" className={css["name"]}>
        <Logo />
        Lictor
      </Link>
      {allowed && (
        <nav className={css["nav"]} aria-label="Main">
          <Link href="/runs" {...(inRuns && { "aria-current": "page" as const })}>
            Runs
          </Link>
        </nav>
      )}
      <div className={css["end"]}>
        {allowed && <LiveMark />}
        {allowed && (
          <button type="button" className={css["quiet"]} onClick={help} aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)">
            ?
          </button>
        )}
        {allowed && config.auth && (
          <button type="button" onClick={() => void signOut().catch(() => undefined)}>
            Sign out
          </button>
        )}
      </div>
    </header>
  );
}
