import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveEvent, TaskRun } from "../src/api/types.ts";
import { changeOf, patchList, patchPages, patchRun } from "../src/live/patch.ts";

const RUN = "11111111-1111-4111-8111-111111111111";
const TASK = "22222222-2222-4222-8222-222222222222";

function event(kind: string, id: string, type: string, timestamp: string, more: Partial<LiveEvent> = {}): LiveEvent {
  return {
    id: "e",
    event: `prefect.${kind}.${type}`,
    occurred: timestamp,
    resource: {
      "prefect.resource.id": `prefect.${kind}.${id}`,
      "prefect.resource.name": "quick-otter",
      "prefect.state-type": type,
      "prefect.state-name": type === "RUNNING" ? "Retrying" : type,
      "prefect.state-message": "why",
      "prefect.state-timestamp": timestamp,
    },
    related: [{ "prefect.resource.role": "flow-run", "prefect.resource.id": `prefect.flow-run.${RUN}` }],
    payload: {},
    ...more,
  };
}

function run(id: string, type: TaskRun["state_type"], timestamp: string): TaskRun {
  return {
    id,
    name: "a",
    state_type: type,
    state_name: type,
    state: { type: type ?? "PENDING", name: "x", timestamp, message: null },
    start_time: null,
    end_time: null,
    expected_start_time: timestamp,
    total_run_time: 0,
    run_count: 0,
    tags: ["kept"],
    flow_run_id: RUN,
    task_key: "k",
    dynamic_key: "0",
  };
}

function change(...given: Parameters<typeof event>) {
  const read = changeOf(event(...given));
  assert.ok(read);
  return read;
}

test("an event about something else is no change", () => {
  const others = [
    event("deployment", RUN, "READY", "2026-01-01T00:00:00Z"),
    { ...event("flow-run", RUN, "RUNNING", "2026-01-01T00:00:00Z"), resource: { "prefect.resource.id": `prefect.flow-run.${RUN}` } },
  ];
  for (const other of others) assert.equal(changeOf(other), null);
});

test("a newer state is taken in, with the times that it brings", () => {
  const pending = run(RUN, "PENDING", "2026-01-01T00:00:00.000001Z");
  const running = patchRun(pending, change("flow-run", RUN, "RUNNING", "2026-01-01T00:00:01+00:00"));
  assert.equal(running.state_name, "Retrying");
  assert.equal(running.start_time, "2026-01-01T00:00:01+00:00");
  assert.deepEqual(running.tags, ["kept"]);
  const failed = patchRun(running, change("flow-run", RUN, "FAILED", "2026-01-01T00:00:02+00:00"));
  assert.equal(failed.start_time, "2026-01-01T00:00:01+00:00");
  assert.equal(failed.end_time, "2026-01-01T00:00:02+00:00");
  assert.equal(failed.state?.message, "why");
  const again = patchRun(failed, change("flow-run", RUN, "SCHEDULED", "2026-01-01T00:00:03+00:00"));
  assert.equal(again.end_time, null);
});

test("a state that is not newer changes nothing, to the microsecond", () => {
  const known = run(RUN, "COMPLETED", "2026-01-01T00:00:00.000009Z");
  for (const late of ["2026-01-01T00:00:00.000009+00:00", "2026-01-01T00:00:00.000001+00:00", "2025-12-31T23:59:59Z"]) {
    assert.equal(patchRun(known, change("flow-run", RUN, "RUNNING", late)), known);
  }
  assert.notEqual(patchRun(known, change("flow-run", RUN, "RUNNING", "2026-01-01T00:00:00.00001+00:00")), known);
});

test("a list without the run stays the same object", () => {
  const runs = [run(TASK, "PENDING", "2026-01-01T00:00:00Z")];
  assert.equal(patchList(runs, change("flow-run", RUN, "RUNNING", "2026-01-02T00:00:00Z")), runs);
});

test("a new task run goes to the end of the last page, a known one is patched where it is", () => {
  const pages = [[run("a", "COMPLETED", "2026-01-01T00:00:00Z")], [run("b", "PENDING", "2026-01-01T00:00:00Z")]];
  const told = change("task-run", TASK, "RUNNING", "2026-01-02T00:00:00Z", { payload: { task_run: { task_key: "mine", tags: ["t"] } } });
  assert.equal(told.flowRunId, RUN);
  const more = patchPages(pages, told);
  assert.deepEqual(more.map((page) => page.map((each) => each.id)), [["a"], ["b", TASK]]);
  assert.equal(more[1]?.[1]?.task_key, "mine");
  assert.equal(more[1]?.[1]?.start_time, "2026-01-02T00:00:00Z");
  const done = patchPages(more, change("task-run", TASK, "COMPLETED", "2026-01-02T00:00:01Z"));
  assert.deepEqual(done.map((page) => page.length), [1, 2]);
  assert.equal(done[1]?.[1]?.end_time, "2026-01-02T00:00:01Z");
});
