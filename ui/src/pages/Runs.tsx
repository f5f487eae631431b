import { type RefObject, useRef } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useFlowNames, useRunCount, useRuns } from "../api/queries.ts";
import type { FlowRun } from "../api/types.ts";
import { useNow } from "../clock.ts";
import { useKeys } from "../keys.ts";
import { anyActive } from "../live/patch.ts";
import { Heading } from "../parts/Heading.tsx";
import { Moment } from "../parts/Moment.tsx";
import { Empty, ErrorCard } from "../parts/Notice.tsx";
import { Pager } from "../parts/Pager.tsx";
import { Skeleton } from "../parts/Skeleton.tsx";
import { StateMark } from "../parts/StateMark.tsx";
import { StateChips } from "../parts/StateChips.tsx";
import { Tags } from "../parts/Tags.tsx";
import { PAGE_SIZE, readView, type RunsView, toggleState, writeView } from "../state/filter.ts";
import { writeDuration } from "../state/moments.ts";
import { durationOf } from "../state/states.ts";
import css from "./Runs.module.css";

const COLUMNS = ["State", "Run", "Flow", "Started", "Duration", "Tags"];

interface RowProps {
  run: FlowRun;
  flow: string | undefined;
  now: number;
}

function Row({ run, flow, now }: RowProps) {
  const duration = durationOf(run, now);
  return (
    <tr>
      <td>
        <StateMark run={run} />
      </td>
      <td className={css["name"]}>
        <Link href={`/runs/flow-run/${run.id}`} data-run="">
          {run.name}
        </Link>
      </td>
      <td className={css["flow"]}>{flow ?? <Skeleton width={80} />}</td>
      <td className={css["figure"]}>
        <Moment at={run.start_time ?? run.expected_start_time} now={now} />
      </td>
      <td className={css["figure"]}>{duration === null ? <span className={css["none"]}>–</span> : writeDuration(duration)}</td>
      <td>
        <Tags tags={run.tags} most={3} />
      </td>
    </tr>
  );
}

function SkeletonRows() {
  return Array.from({ length: 14 }, (_, row) => (
    <tr key={row}>
      {[76, 120, 96, 64, 48, 40].map((width, column) => (
        <td key={column}>
          <Skeleton width={width + ((row * 29 + column * 13) % 32)} />
        </td>
      ))}
    </tr>
  ));
}

/** Moves the focus from run to run with j and k. */
function useRowKeys(table: RefObject<HTMLTableElement | null>): void {
  const move = (step: number): void => {
    const links = [...(table.current?.querySelectorAll<HTMLAnchorElement>("a[data-run]") ?? [])];
    const at = links.findIndex((each) => each === document.activeElement);
    const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step));
    links[next]?.focus();
    links[next]?.closest("tr")?.scrollIntoView({ block: "nearest" });
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
}

function NoRuns({ view, change }: { view: RunsView; change: (view: RunsView) => void }) {
  if (view.page > 1) {
    return (
      <Empty title="This page is empty">
        <button type="button" onClick={() => change({ ...view, page: 1 })}>
          Go to the first page
        </button>
      </Empty>
    );
  }
  if (view.states.length > 0) {
    return (
      <Empty title="No run is in one of these states">
        <button type="button" onClick={() => change({ states: [], page: 1 })}>
          Show all runs
        </button>
      </Empty>
    );
  }
  return (
    <Empty title="No flow has run yet">
      <p>
        Point a flow at this server and call it: <code>PREFECT_API_URL={location.origin}/api python flow.py</code>
      </p>
    </Empty>
  );
}

/** The list of flow runs. Its filter and page stand in the address. */
export function Runs() {
  const search = useSearch();
  const [, go] = useLocation();
  const view = readView(search);
  const runs = useRuns(view);
  const count = useRunCount(view);
  const flows = useFlowNames((runs.data ?? []).map((run) => run.flow_id));
  const now = useNow(anyActive(runs.data ?? []) ? 1_000 : 10_000);
  const table = useRef<HTMLTableElement>(null);
  const change = (next: RunsView): void => go(`/runs${writeView(next)}`);
  useRowKeys(table);

  return (
    <div className={css["page"]}>
      <div className={css["top"]}>
        <Heading title="Runs" />
        <p className={css["count"]}>{count.data === undefined ? "" : `${count.data.toLocaleString("en")} in all`}</p>
      </div>
      <StateChips chosen={view.states} toggle={(type) => change(toggleState(view, type))} clear={() => change({ states: [], page: 1 })} />
      {runs.isError && <ErrorCard what="The runs could not be read" error={runs.error} retry={() => void runs.refetch()} />}
      {!(runs.isError && !runs.data) && (
        <div className={css["sheet"]} data-stale={runs.isPlaceholderData} aria-busy={runs.isPending}>
          <table ref={table} className={css["table"]}>
            <caption className="unseen">Flow runs, newest start first</caption>
            <thead>
              <tr>
                {COLUMNS.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {runs.isPending && <SkeletonRows />}
              {runs.data?.map((run) => <Row key={run.id} run={run} flow={flows.get(run.flow_id)} now={now} />)}
            </tbody>
          </table>
          {runs.data?.length === 0 && <NoRuns view={view} change={change} />}
        </div>
      )}
      <Pager page={view.page} size={PAGE_SIZE} count={count.data} to={(page) => `/runs${writeView({ ...view, page })}`} />
    </div>
  );
}
