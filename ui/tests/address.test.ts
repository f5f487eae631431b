import assert from "node:assert/strict";
import { test } from "node:test";
import { filterOf, readView, toggleState, writeView } from "../src/state/filter.ts";
import { readRunView, writeRunView } from "../src/state/runView.ts";

test("a list's view survives the address", () => {
  const table: [query: string, states: string[], page: number, written: string][] = [
    ["", [], 1, ""],
    ["?state=failed,crashed&page=2", ["FAILED", "CRASHED"], 2, "?state=failed,crashed&page=2"],
    ["state=CRASHED,failed", ["FAILED", "CRASHED"], 1, "?state=failed,crashed"],
    ["?state=unheard,paused&page=-3", ["PAUSED"], 1, "?state=paused"],
    ["?state=&page=two", [], 1, ""],
    ["?page=1e99", [], 1, ""],
  ];
  for (const [query, states, page, written] of table) {
    const view = readView(query);
    assert.deepEqual(view, { states, page }, query);
    assert.equal(writeView(view), written, query);
  }
});

test("a state that is switched begins at the first page", () => {
  const view = toggleState(readView("?state=failed&page=4"), "RUNNING");
  assert.deepEqual(view, { states: ["RUNNING", "FAILED"], page: 1 });
  assert.deepEqual(toggleState(view, "FAILED").states, ["RUNNING"]);
});

test("all runs are asked for without a filter", () => {
  assert.deepEqual(filterOf(readView("")), {});
  assert.deepEqual(filterOf(readView("?state=late,running")), { flow_runs: { state: { type: { any_: ["RUNNING"] } } } });
});

test("a run's view survives the address", () => {
  const table: [query: string, level: number, task: string | null, written: string][] = [
    ["", 0, null, ""],
    ["?level=error", 40, null, "?level=error"],
    ["?level=loud&task=abc", 0, "abc", "?task=abc"],
    ["?task=&level=warning", 30, null, "?level=warning"],
  ];
  for (const [query, level, task, written] of table) {
    assert.deepEqual(readRunView(query), { level, task }, query);
    assert.equal(writeRunView({ level, task }), written, query);
  }
});
