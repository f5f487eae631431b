const PATIENCE = 60_000;

/** Calls `leave` once the tab has been hidden for a minute, and `back` when it is seen again after that. Returns how to stop. */
export function watchHidden(leave: () => void, back: () => void): () => void {
  let waiting: ReturnType<typeof setTimeout> | null = null;
  let left = false;
  const changed = (): void => {
    if (waiting !== null) clearTimeout(waiting);
    waiting = null;
    if (document.hidden) {
      waiting = setTimeout(() => {
        left = true;
        leave();
      }, PATIENCE);
    } else if (left) {
      left = false;
      back();
    }
  };
  document.addEventListener("visibilitychange", changed);
  return () => {
    document.removeEventListener("visibilitychange", changed);
    if (waiting !== null) clearTimeout(waiting);
  };
}
