import type { Run, StateType } from "../api/types.ts";
import { type Shape, shapeOf, wordOf } from "../state/states.ts";
import css from "./StateMark.module.css";

const PATHS: Record<Shape, string> = {
  check: "M3 8.500l3.200 3.200L13 4.800",
  cross: "M4 4l8 8M12 4l-8 8",
  bolt: "M9.500 1.500L3.500 9h4l-1 5.500L12.500 7h-4z",
  half: "M8 2.500a5.500 5.500 0 1 1-5.500 5.500",
  ring: "M8 2.500a5.500 5.500 0 1 1 0 11a5.500 5.500 0 0 1 0-11",
  clock: "M8 2.500a5.500 5.500 0 1 1 0 11a5.500 5.500 0 0 1 0-11M8 5v3.200l2.200 1.300",
  late: "M6.500 3a5.300 5.300 0 1 0 4.800 7.500M6.500 5.500v3l2 1.200M13 3v4.500M13 10v.2",
  bars: "M5.500 3.500v9M10.500 3.500v9",
  slash: "M8 2.500a5.500 5.500 0 1 1 0 11a5.500 5.500 0 0 1 0-11M4.200 11.800l7.600-7.600",
};

/** A state's shape, without its word. */
export function StateShape({ type, name = "" }: { type: StateType; name?: string }) {
  const shape = shapeOf(type, name);
  return (
    <svg className={css["shape"]} data-state={type} data-shape={shape} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[shape]} />
    </svg>
  );
}

/** A run's state: colour, shape and word. */
export function StateMark({ run, large }: { run: Pick<Run, "state_type" | "state_name">; large?: boolean }) {
  if (!run.state_type) return <span className={css["none"]}>No state</span>;
  const name = run.state_name ?? wordOf(run.state_type);
  return (
    <span className={large ? `${css["mark"]} ${css["large"]}` : css["mark"]} data-state={run.state_type}>
      <StateShape type={run.state_type} name={name} />
      {name}
    </span>
  );
}
