/** Takes what an event says into runs that are shown already: pure functions, new objects only where something changed. */
import type { FlowRun, LiveEvent, Run, StateType, TaskRun } from "../api/types.ts";
import { isFinal } from "../state/states.ts";
import { micros } from "./instant.ts";

export interface Change {
  kind: "flow-run" | "task-run";
  id: string;
  name: string;
  /** The flow run that a task run belongs to. */
  flowRunId: string | null;
  type: StateType;
  stateName: string;
  message: string;
  timestamp: string;
  taskRun: Partial<TaskRun> | null;
}

const RESOURCE = /^prefect\.(flow-run|task-run)\.(.+)$/;

function relatedId(event: LiveEvent, role: string): string | null {
  const found = event.related.find((each) => each["prefect.resource.role"] === role);
  return found?.["prefect.resource.id"]?.split(".").pop() ?? null;
}

/** Read the change of state that an event tells of, or null where it tells of something else. */
export function changeOf(event: LiveEvent): Change | null {
  const { resource } = event;
  const [, kind, id] = RESOURCE.exec(resource["prefect.resource.id"] ?? "") ?? [];
  const type = resource["prefect.state-type"];
  if (!kind || !id || !type) return null;
  return {
    kind: kind as Change["kind"],
    id,
    name: resource["prefect.resource.name"] ?? "",
    flowRunId: kind === "task-run" ? relatedId(event, "flow-run") : null,
    type: type as StateType,
    stateName: resource["prefect.state-name"] ?? type,
    message: resource["prefect.state-message"] ?? "",
    timestamp: resource["prefect.state-timestamp"] ?? event.occurred,
    taskRun: event.payload.task_run ?? null,
  };
}

/** Return the run with the change taken in, or the same run where it knows a state as new or newer. */
export function patchRun<R extends Run>(run: R, change: Change): R {
  if (run.id !== change.id) return run;
  if (run.state && micros(run.state.timestamp) >= micros(change.timestamp)) return run;
  const { type, stateName, message, timestamp } = change;
  const begins = type === "RUNNING" && !run.start_time;
  return {
    ...run,
    ...(change.taskRun ?? {}),
    state_type: type,
    state_name: stateName,
    state: { type, name: stateName, timestamp, message },
    start_time: begins ? timestamp : (change.taskRun?.start_time ?? run.start_time),
    end_time: isFinal(type) ? timestamp : null,
  };
}

/** Patch a run in a list; the same list where nothing changed. */
export function patchList<R extends Run>(runs: R[], change: Change): R[] {
  let changed = false;
  const next = runs.map((run) => {
    const patched = patchRun(run, change);
    changed ||= patched !== run;
    return patched;
  });
  return changed ? next : runs;
}

function newTaskRun(change: Change): TaskRun {
  const { type, stateName, message, timestamp } = change;
  return {
    task_key: "",
    dynamic_key: "",
    expected_start_time: timestamp,
    start_time: type === "RUNNING" ? timestamp : null,
    total_run_time: 0,
    run_count: 0,
    tags: [],
    name: change.name,
    ...change.taskRun,
    id: change.id,
    flow_run_id: change.flowRunId,
    state_type: type,
    state_name: stateName,
    state: { type, name: stateName, timestamp, message },
    end_time: isFinal(type) ? timestamp : null,
  };
}

/** Patch pages of task runs; one that no page has goes to the end of the last page. */
export function patchPages(pages: TaskRun[][], change: Change): TaskRun[][] {
  const known = pages.some((page) => page.some((run) => run.id === change.id));
  if (known) return pages.map((page) => patchList(page, change));
  return [...pages.slice(0, -1), [...(pages.at(-1) ?? []), newTaskRun(change)]];
}

/** Tell whether any of these runs may still change by itself. */
export function anyActive(runs: Pick<FlowRun, "state_type">[]): boolean {
  return runs.some((run) => run.state_type !== null && !isFinal(run.state_type));
}
