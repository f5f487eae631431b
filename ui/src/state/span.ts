/** Where a task run lies in the time of its flow run, in percent: what a bar is drawn from. */
import type { Run, TaskRun } from "../api/types.ts";

export interface Span {
  start: number;
  /** Milliseconds, at least 1. */
  length: number;
}

const NARROWEST = 0.75;

/** The time from the first start to the last end, or to now while something runs. */
export function spanOf(run: Pick<Run, "start_time" | "end_time">, tasks: Pick<TaskRun, "start_time" | "end_time">[], now: number): Span {
  const started = [run, ...tasks].filter((each) => each.start_time);
  const starts = started.map((each) => Date.parse(each.start_time as string));
  const ends = started.map((each) => (each.end_time ? Date.parse(each.end_time) : now));
  const start = starts.reduce((least, each) => Math.min(least, each), Infinity);
  const end = ends.reduce((most, each) => Math.max(most, each), -Infinity);
  return Number.isFinite(start) ? { start, length: Math.max(1, end - start) } : { start: now, length: 1 };
}

/** A task run's bar, or null where it has not started. */
export function barOf(task: Pick<TaskRun, "start_time" | "end_time">, span: Span, now: number): { left: number; width: number } | null {
  if (!task.start_time) return null;
  const start = Date.parse(task.start_time);
  const end = task.end_time ? Date.parse(task.end_time) : now;
  const width = Math.min(100, Math.max(NARROWEST, (100 * (end - start)) / span.length));
  const left = Math.max(0, Math.min(100 - width, (100 * (start - span.start)) / span.length));
  return { left, width };
}
