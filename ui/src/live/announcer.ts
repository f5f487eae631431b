import { makeStore } from "../store.ts";
import { throttled } from "./policy.ts";

/** What a screen reader is told, politely. */
export const announcement = makeStore("");

let latest = "";
const speak = throttled(() => announcement.set(latest), 5_000);

/** Tell of a change: at most one in 5 s, the latest. */
export function announce(text: string): void {
  latest = text;
  speak();
}
