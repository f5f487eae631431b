import type { Run, StateType } from "../api/types.ts";

export type Shape = "check" | "cross" | "bolt" | "half" | "ring" | "clock" | "late" | "bars" | "slash";

/** The state types in the order in which they are offered as filters. */
export const STATE_TYPES: readonly StateType[] = [
  "RUNNING",
  "COMPLETED",
  "FAILED",
  "CRASHED",
  "SCHEDULED",
  "PENDING",
  "PAUSED",
  "CANCELLING",
  "CANCELLED",
];

const SHAPES: Record<StateType, Shape> = {
  COMPLETED: "check",
  FAILED: "cross",
  CRASHED: "bolt",
  RUNNING: "half",
  PENDING: "ring",
  SCHEDULED: "clock",
  PAUSED: "bars",
  CANCELLING: "slash",
  CANCELLED: "slash",
};

const FINAL: ReadonlySet<string> = new Set(["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]);

export function isFinal(type: StateType): boolean {
  return FINAL.has(type);
}

/** "RUNNING" as a person writes it. */
export function wordOf(type: StateType): string {
  return type.charAt(0) + type.slice(1).toLowerCase();
}

export function shapeOf(type: StateType, name: string): Shape {
  return type === "SCHEDULED" && name === "Late" ? "late" : SHAPES[type];
}

/** Milliseconds that a run took, or has taken by `now`; null where it has not started. */
export function durationOf(run: Pick<Run, "start_time" | "end_time" | "state_type">, now: number): number | null {
  if (!run.start_time) return null;
  const start = Date.parse(run.start_time);
  if (run.end_time) return Math.max(0, Date.parse(run.end_time) - start);
  return run.state_type === "RUNNING" || run.state_type === "CANCELLING" ? Math.max(0, now - start) : null;
}
