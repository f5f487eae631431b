import type { StateType } from "../api/types.ts";
import { STATE_TYPES, wordOf } from "../state/states.ts";
import { StateShape } from "./StateMark.tsx";
import css from "./StateChips.module.css";

interface Props {
  chosen: StateType[];
  toggle: (type: StateType) => void;
  clear: () => void;
}

/** One switch a state; none pressed means all runs. */
export function StateChips({ chosen, toggle, clear }: Props) {
  return (
    <div className={css["chips"]} role="group" aria-label="Show only runs that are">
      <button type="button" aria-pressed={chosen.length === 0} onClick={clear}>
        All
      </button>
      {STATE_TYPES.map((type) => (
        <button key={type} type="button" aria-pressed={chosen.includes(type)} onClick={() => toggle(type)}>
          <StateShape type={type} />
          {wordOf(type)}
        </button>
      ))}
    </div>
  );
}
