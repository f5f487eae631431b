import type { ReactNode } from "react";
import type { FlowRun } from "../api/types.ts";
import { ExactMoment } from "../parts/Moment.tsx";
import { Tags } from "../parts/Tags.tsx";
import { writeDuration } from "../state/moments.ts";
import { durationOf } from "../state/states.ts";
import css from "./Facts.module.css";

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function copyText(text: string): void {
  void navigator.clipboard?.writeText(text).catch(() => undefined);
}

/** The run's times and figures. */
export function Facts({ run, now }: { run: FlowRun; now: number }) {
  const duration = durationOf(run, now);
  return (
    <dl className={css["facts"]} aria-label="About the run">
      {run.start_time ? (
        <Fact name="Started">
          <ExactMoment at={run.start_time} now={now} />
        </Fact>
      ) : (
        <Fact name="Scheduled for">
          <ExactMoment at={run.expected_start_time} now={now} />
        </Fact>
      )}
      <Fact name="Ended">
        <ExactMoment at={run.end_time} now={now} />
      </Fact>
      <Fact name="Duration">{duration === null ? "–" : writeDuration(duration)}</Fact>
      <Fact name="Attempts">{run.run_count}</Fact>
      <Fact name="Tags">{run.tags.length > 0 ? <Tags tags={run.tags} most={8} /> : "–"}</Fact>
      <Fact name="Id">
        <code>{run.id}</code>
        {window.isSecureContext && (
          <button type="button" className={css["copy"]} onClick={() => copyText(run.id)}>
            Copy
          </button>
        )}
      </Fact>
    </dl>
  );
}
