import assert from "node:assert/strict";
import { test } from "node:test";
import { linkOf, pollEvery, reconnectWait, throttled } from "../src/live/policy.ts";

test("tries come 1 to 30 s apart, further apart each time, and not all at once", () => {
  const table: [failures: number, least: number, most: number][] = [
    [1, 1_000, 1_000],
    [2, 1_000, 2_000],
    [4, 4_000, 8_000],
    [6, 15_000, 30_000],
    [60, 15_000, 30_000],
  ];
  for (const [failures, least, most] of table) {
    assert.equal(reconnectWait(failures, 0), least, `${failures} failures, least`);
    assert.equal(reconnectWait(failures, 1), most, `${failures} failures, most`);
  }
});

test("the link is called what it is", () => {
  const table: [open: boolean, failures: number, answered: boolean, link: string][] = [
    [true, 0, true, "live"],
    [true, 0, false, "offline"],
    [false, 0, true, "connecting"],
    [false, 1, true, "polling"],
    [false, 0, false, "offline"],
    [false, 9, false, "offline"],
  ];
  for (const [open, failures, answered, link] of table) assert.equal(linkOf(open, failures, answered), link);
});

test("nothing is asked for again while events come", () => {
  assert.equal(pollEvery("live", true), false);
  assert.equal(pollEvery("connecting", true), false);
  assert.equal(pollEvery("polling", true), 2_000);
  assert.equal(pollEvery("polling", false), 15_000);
  assert.equal(pollEvery("offline", false), 5_000);
});

test("what is throttled runs at once, then once for all calls in the gap", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  let runs = 0;
  const call = throttled(() => (runs += 1), 2_000);
  call();
  call();
  context.mock.timers.tick(0);
  assert.equal(runs, 1);
  for (let time = 0; time < 1_900; time += 100) {
    call();
    context.mock.timers.tick(100);
  }
  assert.equal(runs, 1);
  context.mock.timers.tick(100);
  assert.equal(runs, 2);
  context.mock.timers.tick(10_000);
  assert.equal(runs, 2);
});
