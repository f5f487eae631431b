import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "../src/api/types.ts";
import { Lines } from "../src/live/logs.ts";
import { writeDuration, writeRelative } from "../src/state/moments.ts";
import { barOf, spanOf } from "../src/state/span.ts";
import { durationOf, shapeOf } from "../src/state/states.ts";

test("durations are written in two units at most", () => {
  const table: [milliseconds: number, text: string][] = [
    [0, "0.00 s"],
    [611, "0.61 s"],
    [9_994, "9.99 s"],
    [9_996, "10.0 s"],
    [59_940, "59.9 s"],
    [59_960, "1 min"],
    [60_000, "1 min"],
    [3_599_800, "1 h"],
    [185_000, "3 min 5 s"],
    [7_440_000, "2 h 4 min"],
    [180_000_000, "2 d 2 h"],
  ];
  for (const [milliseconds, text] of table) assert.equal(writeDuration(milliseconds), text);
});

test("moments near now are written from now", () => {
  const now = Date.parse("2026-06-01T12:00:00Z");
  const table: [seconds: number, text: string | null][] = [
    [-2, "just now"],
    [-59, "59 s ago"],
    [-3_599, "59 min ago"],
    [-7_200, "2 h ago"],
    [90, "in 1 min"],
    [-86_400, null],
  ];
  for (const [seconds, text] of table) assert.equal(writeRelative(now + seconds * 1000, now), text);
});

test("only what runs grows older", () => {
  const start_time = "2026-06-01T12:00:00Z";
  const now = Date.parse(start_time) + 5_000;
  assert.equal(durationOf({ start_time, end_time: null, state_type: "RUNNING" }, now), 5_000);
  assert.equal(durationOf({ start_time, end_time: "2026-06-01T12:00:02Z", state_type: "FAILED" }, now), 2_000);
  assert.equal(durationOf({ start_time, end_time: null, state_type: "PAUSED" }, now), null);
  assert.equal(durationOf({ start_time: null, end_time: null, state_type: "RUNNING" }, now), null);
  assert.equal(shapeOf("SCHEDULED", "Late"), "late");
  assert.equal(shapeOf("SCHEDULED", "AwaitingRetry"), "clock");
});

test("bars lie within their track", () => {
  const run = { start_time: "2026-06-01T12:00:00Z", end_time: "2026-06-01T12:00:10Z" };
  const first = { start_time: "2026-06-01T12:00:00Z", end_time: "2026-06-01T12:00:05Z" };
  const last = { start_time: "2026-06-01T12:00:10Z", end_time: "2026-06-01T12:00:10Z" };
  const span = spanOf(run, [first, last], 0);
  assert.deepEqual(barOf(first, span, 0), { left: 0, width: 50 });
  const thin = barOf(last, span, 0);
  assert.ok(thin && thin.width > 0 && thin.left + thin.width <= 100);
  assert.equal(barOf({ start_time: null, end_time: null }, span, 0), null);
});

function line(id: string, timestamp: string): Log {
  return { id, timestamp, name: "", level: 20, message: id, flow_run_id: null, task_run_id: null };
}

test("lines come once and in the order of their time, however they arrive", () => {
  const lines = new Lines();
  assert.ok(lines.add([line("b", "2026-06-01T12:00:00.000002Z"), line("a", "2026-06-01T12:00:00.000001Z")]));
  const before = lines.list;
  assert.ok(!lines.add([line("a", "2026-06-01T12:00:00.000001Z")]));
  assert.equal(lines.list, before);
  lines.add([line("d", "2026-06-01T12:00:02Z")]);
  lines.add([line("c", "2026-06-01T12:00:01Z"), line("d", "2026-06-01T12:00:02Z")]);
  assert.deepEqual(lines.list.map((each) => each.id), ["a", "b", "c", "d"]);
});
