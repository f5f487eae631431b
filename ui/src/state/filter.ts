/** The list's filter and page as the address keeps them: `?state=failed,crashed&page=2`. */
import type { StateType } from "../api/types.ts";
import { STATE_TYPES } from "./states.ts";

export interface RunsView {
  states: StateType[];
  /** Counted from 1. */
  page: number;
}

export const PAGE_SIZE = 50;

/** Read a view from an address's query; what is not understood is left out. */
export function readView(query: string): RunsView {
  const given = new URLSearchParams(query);
  const named = new Set((given.get("state") ?? "").toUpperCase().split(","));
  const page = Number(given.get("page") ?? 1);
  return {
    states: STATE_TYPES.filter((type) => named.has(type)),
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
  };
}

/** Write a view as a query, without what is the default; "" for the default view. */
export function writeView(view: RunsView): string {
  const parts: string[] = [];
  if (view.states.length > 0) parts.push(`state=${view.states.join(",").toLowerCase()}`);
  if (view.page > 1) parts.push(`page=${view.page}`);
  return parts.length > 0 ? `?${parts.join("&")}` : "";
}

/** Add or take away a state; the list begins at its first page again. */
export function toggleState(view: RunsView, type: StateType): RunsView {
  const has = view.states.includes(type);
  const states = STATE_TYPES.filter((each) => (each === type ? !has : view.states.includes(each)));
  return { states, page: 1 };
}

/** What the API's filter is called with. */
export function filterOf(view: RunsView): { flow_runs?: { state: { type: { any_: StateType[] } } } } {
  return view.states.length > 0 ? { flow_runs: { state: { type: { any_: view.states } } } } : {};
}
