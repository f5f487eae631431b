import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { FlowRun, Log } from "../api/types.ts";
import { useLogs } from "../live/useLogs.ts";
import { Empty, ErrorCard } from "../parts/Notice.tsx";
import { Skeleton } from "../parts/Skeleton.tsx";
import { writeClockMillis, writeMoment } from "../state/moments.ts";
import { LEVELS, levelWord, type RunView } from "../state/runView.ts";
import css from "./LogView.module.css";
import pane from "./Pane.module.css";

const LINE = 20;
const NEAR = 60;

interface Props {
  run: FlowRun;
  active: boolean;
  /** The names of task runs by id. */
  names: Map<string, string>;
  view: RunView;
  change: (view: Partial<RunView>) => void;
}

function Line({ line, task }: { line: Log; task: string | undefined }) {
  const at = Date.parse(line.timestamp);
  const word = levelWord(line.level);
  return (
    <>
      <time dateTime={line.timestamp} title={writeMoment(at)}>
        {writeClockMillis(at)}
      </time>
      <span className={css["level"]}>{word}</span>
      <span className={css["task"]} title={task}>
        {task ?? ""}
      </span>
      <span className={css["text"]}>{line.message}</span>
    </>
  );
}

interface ListProps {
  lines: Log[];
  names: Map<string, string>;
  scroller: RefObject<HTMLDivElement | null>;
  following: boolean;
  reachedEnd: () => void;
}

/** Only the lines in sight, and a few around them, are in the document. */
function LineList({ lines, names, scroller, following, reachedEnd }: ListProps) {
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= lines.length - NEAR) reachedEnd();
  }, [last, lines.length, reachedEnd]);
  const height = virtual.getTotalSize();
  useEffect(() => {
    if (following && scroller.current) scroller.current.scrollTop = height;
  }, [following, height, lines.length, scroller]);
  return (
    <div className={css["lines"]} style={{ height: `${height}px` }}>
      {items.map((item) => {
        const line = lines[item.index];
        if (!line) return null;
        return (
          <div
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            data-level={levelWord(line.level)}
            className={css["line"]}
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <Line line={line} task={names.get(line.task_run_id ?? "")} />
          </div>
        );
      })}
    </div>
  );
}

/** Follows the end of the log until the reader scrolls up. */
function useFollow(active: boolean, scroller: RefObject<HTMLDivElement | null>) {
  const [following, setFollowing] = useState(active);
  useEffect(() => {
    const element = scroller.current;
    if (!element || !following) return;
    const stop = (): void => setFollowing(false);
    const wheel = (event: WheelEvent): void => void (event.deltaY < 0 && stop());
    const key = (event: KeyboardEvent): void => void (["ArrowUp", "PageUp", "Home"].includes(event.key) && stop());
    const press = (event: PointerEvent): void => void (event.offsetX >= element.clientWidth && stop());
    element.addEventListener("wheel", wheel, { passive: true });
    element.addEventListener("keydown", key);
    element.addEventListener("pointerdown", press);
    element.addEventListener("touchmove", stop, { passive: true });
    return () => {
      element.removeEventListener("wheel", wheel);
      element.removeEventListener("keydown", key);
      element.removeEventListener("pointerdown", press);
      element.removeEventListener("touchmove", stop);
    };
  }, [following, scroller]);
  return [following, setFollowing] as const;
}

function Levels({ level, choose }: { level: number; choose: (level: number) => void }) {
  return (
    <div className={css["levels"]} role="group" aria-label="Lowest level shown">
      {LEVELS.map(([word, each]) => (
        <button key={word} type="button" aria-pressed={each === level} onClick={() => choose(each)}>
          {word === "all" ? "All" : `${word.charAt(0).toUpperCase()}${word.slice(1)}`}
        </button>
      ))}
    </div>
  );
}

/** The run's log, or that of one of its tasks. */
export function LogView({ run, active, names, view, change }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useFollow(active, scroller);
  const logs = useLogs({ runId: run.id, level: view.level, taskRunId: view.task }, active);
  const { complete, lines, error, more } = logs;
  useEffect(() => {
    if (following && !complete) more();
  }, [following, complete, lines, more]);

  return (
    <section className={pane["pane"]} aria-labelledby="log-title">
      <div className={pane["bar"]}>
        <h2 id="log-title">Log</h2>
        <span className={pane["note"]}>
          {lines.length.toLocaleString("en")}
          {complete ? "" : "+"} lines
        </span>
        {view.task && (
          <button type="button" className={css["only"]} onClick={() => change({ task: null })} title="Show all lines">
            {names.get(view.task) ?? "one task"} <span aria-hidden="true">×</span>
            <span className="unseen">: show all lines</span>
          </button>
        )}
        <div className={pane["end"]}>
          <Levels level={view.level} choose={(level) => change({ level })} />
          <button type="button" className={css["follow"]} aria-pressed={following} onClick={() => setFollowing(!following)}>
            Follow
          </button>
        </div>
      </div>
      <div ref={scroller} className={pane["scroll"]} tabIndex={0} role="group" aria-labelledby="log-title">
        {error && lines.length === 0 && <ErrorCard what="The log could not be read" error={error} retry={more} />}
        {!error && !complete && lines.length === 0 && <Waiting />}
        {complete && lines.length === 0 && <Empty title={view.level > 0 ? "No line of this level" : "Nothing has been logged"} />}
        <LineList lines={lines} names={names} scroller={scroller} following={following} reachedEnd={more} />
      </div>
    </section>
  );
}

function Waiting() {
  return (
    <div className={css["waiting"]} aria-busy="true">
      {Array.from({ length: 8 }, (_, line) => (
        <Skeleton key={line} width={260 + ((line * 83) % 260)} />
      ))}
    </div>
  );
}
