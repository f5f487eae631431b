import { useMemo } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useFlowNames, useRun, useTasks } from "../api/queries.ts";
import { isMissing } from "../api/request.ts";
import type { FlowRun, TaskRun } from "../api/types.ts";
import { useNow } from "../clock.ts";
import { anyActive } from "../live/patch.ts";
import { ErrorCard } from "../parts/Notice.tsx";
import { Facts } from "../run/Facts.tsx";
import { LogView } from "../run/LogView.tsx";
import { Parameters } from "../run/Parameters.tsx";
import { RunHeader, RunHeaderSkeleton } from "../run/RunHeader.tsx";
import { Tasks } from "../run/Tasks.tsx";
import { type RunView, readRunView, writeRunView } from "../state/runView.ts";
import css from "./FlowRun.module.css";
import { NotFound } from "./NotFound.tsx";

function Shown({ run }: { run: FlowRun }) {
  const active = anyActive([run]);
  const now = useNow(active ? 1_000 : 30_000);
  const [, go] = useLocation();
  const view = readRunView(useSearch());
  const tasks = useTasks(run.id, active);
  const flow = useFlowNames([run.flow_id]).get(run.flow_id);
  const taskRuns = useMemo(() => tasks.data?.pages.flat() ?? [], [tasks.data]);
  const names = useMemo(() => new Map(taskRuns.map((task) => [task.id, task.name])), [taskRuns]);
  const change = (next: Partial<RunView>): void =>
    go(`/runs/flow-run/${run.id}${writeRunView({ ...view, ...next })}`, { replace: true });
  const showTask = (task: TaskRun): void => change({ task: view.task === task.id ? null : task.id });

  return (
    <>
      <RunHeader run={run} flow={flow} failed={taskRuns.filter(hasFailed)} showTask={(task) => change({ task: task.id })} />
      <div className={css["facts"]}>
        <Facts run={run} now={now} />
        <Parameters values={run.parameters} />
      </div>
      <div className={css["panes"]}>
        <Tasks run={run} tasks={tasks} taskRuns={taskRuns} chosen={view.task} choose={showTask} now={now} />
        <LogView run={run} active={active} names={names} view={view} change={change} />
      </div>
    </>
  );
}

function hasFailed(task: TaskRun): boolean {
  return task.state_type === "FAILED" || task.state_type === "CRASHED";
}

/** One flow run on one screen: what became of it, its tasks and its log. */
export function FlowRunPage({ id }: { id: string }) {
  const run = useRun(id);
  if (run.isError && isMissing(run.error)) return <NotFound what="There is no such run" hint={`No flow run has the id ${id}. It may have been deleted.`} />;
  return (
    <div className={css["page"]}>
      <p className={css["trail"]}>
        <Link href="/runs">Runs</Link> <span aria-hidden="true">/</span> flow run
      </p>
      {run.isError && <ErrorCard what="The run could not be read" error={run.error} retry={() => void run.refetch()} />}
      {run.isPending && <RunHeaderSkeleton />}
      {run.data && <Shown run={run.data} />}
    </div>
  );
}
