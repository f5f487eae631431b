import { useMemo } from "react";
import type { useTasks } from "../api/queries.ts";
import type { FlowRun, TaskRun } from "../api/types.ts";
import { Empty, ErrorCard } from "../parts/Notice.tsx";
import { Skeleton } from "../parts/Skeleton.tsx";
import { StateMark } from "../parts/StateMark.tsx";
import { writeDuration } from "../state/moments.ts";
import { barOf, type Span, spanOf } from "../state/span.ts";
import { durationOf, STATE_TYPES, wordOf } from "../state/states.ts";
import css from "./Pane.module.css";
import own from "./Tasks.module.css";

interface Props {
  run: FlowRun;
  tasks: ReturnType<typeof useTasks>;
  taskRuns: TaskRun[];
  /** The task run whose log is shown. */
  chosen: string | null;
  choose: (task: TaskRun) => void;
  now: number;
}

interface RowProps {
  task: TaskRun;
  span: Span;
  chosen: boolean;
  choose: (task: TaskRun) => void;
  now: number;
}

function Row({ task, span, chosen, choose, now }: RowProps) {
  const duration = durationOf(task, now);
  const bar = barOf(task, span, now);
  return (
    <tr data-chosen={chosen}>
      <td>
        <StateMark run={task} />
      </td>
      <td className={own["name"]}>
        <button type="button" aria-pressed={chosen} title={`${task.name}: show its log`} onClick={() => choose(task)}>
          {task.name}
        </button>
        {task.run_count > 1 && <span className={own["again"]}>×{task.run_count}</span>}
      </td>
      <td className={own["figure"]}>{duration === null ? "–" : writeDuration(duration)}</td>
      <td className={own["when"]}>
        <div className={own["track"]}>
          {bar && <span className={own["bar"]} data-state={task.state_type} style={{ left: `${bar.left}%`, width: `${bar.width}%` }} />}
        </div>
      </td>
    </tr>
  );
}

/** "12 tasks: 10 completed, 2 failed". */
function summary(taskRuns: TaskRun[], more: boolean): string {
  const counts = STATE_TYPES.map((type) => [wordOf(type).toLowerCase(), taskRuns.filter((task) => task.state_type === type).length] as const);
  const parts = counts.filter(([, count]) => count > 0).map(([word, count]) => `${count} ${word}`);
  return `${taskRuns.length}${more ? "+" : ""}${parts.length > 0 ? `: ${parts.join(", ")}` : ""}`;
}

function SkeletonRows() {
  return Array.from({ length: 8 }, (_, row) => (
    <tr key={row}>
      {[80, 110, 48, 120].map((width, column) => (
        <td key={column}>
          <Skeleton width={width + ((row * 31) % 24)} />
        </td>
      ))}
    </tr>
  ));
}

/** The run's task runs, each with its place in the time that the run took. */
export function Tasks({ run, tasks, taskRuns, chosen, choose, now }: Props) {
  const span = useMemo(() => spanOf(run, taskRuns, now), [run, taskRuns, now]);
  return (
    <section className={css["pane"]} aria-labelledby="tasks-title">
      <div className={css["bar"]}>
        <h2 id="tasks-title">Tasks</h2>
        {tasks.data && <span className={css["note"]}>{summary(taskRuns, tasks.hasNextPage)}</span>}
      </div>
      <div className={css["scroll"]} tabIndex={0} role="group" aria-labelledby="tasks-title">
        {tasks.isError && <ErrorCard what="The tasks could not be read" error={tasks.error} retry={() => void tasks.refetch()} />}
        {(tasks.isPending || taskRuns.length > 0) && (
          <table className={own["table"]} aria-busy={tasks.isPending}>
            <caption className="unseen">Task runs in the order of their start</caption>
            <thead className={own["head"]}>
              <tr>
                <th scope="col">State</th>
                <th scope="col">Task</th>
                <th scope="col">Duration</th>
                <th scope="col">When</th>
              </tr>
            </thead>
            <tbody>
              {tasks.isPending && <SkeletonRows />}
              {taskRuns.map((task) => (
                <Row key={task.id} task={task} span={span} chosen={chosen === task.id} choose={choose} now={now} />
              ))}
            </tbody>
          </table>
        )}
        {tasks.data && taskRuns.length === 0 && <Empty title="No task has run in this run" />}
        {tasks.hasNextPage && (
          <button type="button" className={own["more"]} disabled={tasks.isFetchingNextPage} onClick={() => void tasks.fetchNextPage()}>
            Show more tasks
          </button>
        )}
      </div>
    </section>
  );
}
