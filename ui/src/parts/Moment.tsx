import { writeMoment, writeRelative } from "../state/moments.ts";
import css from "./Moment.module.css";

/** A moment: relative within a day of now, else the date; the whole of it as its title. */
export function Moment({ at, now }: { at: string | null; now: number }) {
  if (!at) return <span className={css["none"]}>–</span>;
  const moment = Date.parse(at);
  const exact = writeMoment(moment);
  return (
    <time dateTime={at} title={exact}>
      {writeRelative(moment, now) ?? exact}
    </time>
  );
}

/** A moment to the second, with how long ago it was. */
export function ExactMoment({ at, now }: { at: string | null; now: number }) {
  if (!at) return <span className={css["none"]}>–</span>;
  const moment = Date.parse(at);
  const relative = writeRelative(moment, now);
  return (
    <time dateTime={at} title={at}>
      {writeMoment(moment)}
      {relative && <span className={css["aside"]}> {relative}</span>}
    </time>
  );
}
