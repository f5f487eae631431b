import type { FlowRun, TaskRun } from "../api/types.ts";
import { Heading } from "../parts/Heading.tsx";
import { Skeleton } from "../parts/Skeleton.tsx";
import { StateMark } from "../parts/StateMark.tsx";
import css from "./RunHeader.module.css";

interface Props {
  run: FlowRun;
  flow: string | undefined;
  /** The task runs that failed or crashed, the first one first. */
  failed: TaskRun[];
  showTask: (task: TaskRun) => void;
}

/** The run's name and state, and what went wrong where something did. */
export function RunHeader({ run, flow, failed, showTask }: Props) {
  const message = run.state?.message;
  const bad = run.state_type === "FAILED" || run.state_type === "CRASHED";
  const first = failed[0];
  return (
    <>
      <div className={css["title"]}>
        <Heading title={run.name} />
        {flow && <span className={css["of"]}>{flow}</span>}
        <StateMark run={run} large />
      </div>
      {(message || (bad && first)) && (
        <div className={css["message"]} data-bad={bad}>
          {message && <p>{message}</p>}
          {bad && first && (
            <p className={css["failed"]}>
              First failed task: <strong>{first.name}</strong>
              {failed.length > 1 && `, and ${failed.length - 1} more`}
              <button type="button" onClick={() => showTask(first)}>
                Show its log
              </button>
            </p>
          )}
        </div>
      )}
    </>
  );
}

export function RunHeaderSkeleton() {
  return (
    <div className={css["waiting"]} aria-busy="true">
      <div className={css["title"]}>
        <Heading title="Flow run">
          <span className="unseen">Loading the run</span>
          <Skeleton width={220} />
        </Heading>
        <Skeleton width={90} />
      </div>
      <div className={css["card"]}>
        {[60, 45, 70, 50, 40, 55].map((width, line) => (
          <Skeleton key={line} width={width * 4} />
        ))}
      </div>
      <div className={css["card"]}>
        {Array.from({ length: 10 }, (_, line) => (
          <Skeleton key={line} width={280 + ((line * 67) % 240)} />
        ))}
      </div>
    </div>
  );
}
