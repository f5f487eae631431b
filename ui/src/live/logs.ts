/** A run's log lines: the pages that are stored and the lines that arrive, one list without repetitions. */
import type { Log } from "../api/types.ts";
import { micros } from "./instant.ts";

export const LOG_PAGE = 200;
/** More lines than this are not kept in the page. */
export const MOST_LINES = 50_000;

/** Lines in the order of their time; keeps what it has in place and sorts only what is new. */
export class Lines {
  list: Log[] = [];
  private known = new Set<string>();

  /** Take lines in and tell whether any was new. */
  add(lines: Log[]): boolean {
    const fresh = lines.filter((line) => !this.known.has(line.id) && this.known.add(line.id));
    if (fresh.length === 0) return false;
    fresh.sort((a, b) => micros(a.timestamp) - micros(b.timestamp));
    const last = this.list.at(-1);
    const inOrder = !last || micros(last.timestamp) <= micros((fresh[0] as Log).timestamp);
    const all = [...this.list, ...fresh];
    this.list = inOrder ? all : all.sort((a, b) => micros(a.timestamp) - micros(b.timestamp));
    return true;
  }

  get full(): boolean {
    return this.list.length >= MOST_LINES;
  }
}
