/** How the pages keep up with the server: pure decisions about when to try again and how often to ask. */

export type Link = "live" | "connecting" | "polling" | "offline";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/** Milliseconds until the next try after `failures` failed ones in a row: 1 to 30 s, doubling, with half of it left to chance. */
export function reconnectWait(failures: number, chance: number = Math.random()): number {
  const whole = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, failures - 1));
  return Math.max(FIRST_WAIT, whole / 2 + (whole / 2) * chance);
}

/** What to call the link: offline where requests are not answered, live with an open socket, else polling. */
export function linkOf(socketOpen: boolean, failures: number, answered: boolean): Link {
  if (!answered) return "offline";
  if (socketOpen) return "live";
  return failures === 0 ? "connecting" : "polling";
}

/** Milliseconds between requests for the same data, or false where events bring the changes. */
export function pollEvery(link: Link, active: boolean): number | false {
  if (link === "live" || link === "connecting") return false;
  if (link === "offline") return 5_000;
  return active ? 2_000 : 15_000;
}

/** Calls `run` at once and then at most every `gap` milliseconds, however often it is asked to. */
export function throttled(run: () => void, gap: number, clock: () => number = Date.now): () => void {
  let last = -Infinity;
  let waiting: ReturnType<typeof setTimeout> | null = null;
  return () => {
    if (waiting !== null) return;
    const wait = Math.max(0, last + gap - clock());
    waiting = setTimeout(() => {
      waiting = null;
      last = clock();
      run();
    }, wait);
  };
}
