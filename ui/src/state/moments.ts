/** How moments and durations are written. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "0.61 s", "12.4 s", "3 min 5 s", "2 h 4 min", "3 d 2 h". */
export function writeDuration(milliseconds: number): string {
  if (milliseconds < 9_995) return `${(milliseconds / SECOND).toFixed(2)} s`;
  if (milliseconds < 59_950) return `${(milliseconds / SECOND).toFixed(1)} s`;
  const whole = Math.round(milliseconds / SECOND) * SECOND;
  if (whole < HOUR) return two(whole, MINUTE, "min", SECOND, "s");
  if (whole < DAY) return two(whole, HOUR, "h", MINUTE, "min");
  return two(whole, DAY, "d", HOUR, "h");
}

function two(length: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((length % big) / small);
  return `${Math.floor(length / big)} ${bigName}${rest > 0 ? ` ${rest} ${smallName}` : ""}`;
}

/** "just now", "5 min ago", "in 2 h"; null for what is more than a day away, which a date says better. */
export function writeRelative(moment: number, now: number): string | null {
  const away = Math.abs(now - moment);
  if (away >= DAY) return null;
  if (away < 5 * SECOND) return "just now";
  const [length, name] = away < MINUTE ? [SECOND, "s"] : away < HOUR ? [MINUTE, "min"] : [HOUR, "h"];
  const text = `${Math.floor(away / (length as number))} ${name as string}`;
  return moment <= now ? `${text} ago` : `in ${text}`;
}

const pad = (value: number, length = 2): string => String(value).padStart(length, "0");

/** "2026-11-26 12:05:54" in the reader's own time zone. */
export function writeMoment(moment: number): string {
  const at = new Date(moment);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${writeClock(moment)}`;
}

/** "12:05:54". */
export function writeClock(moment: number): string {
  const at = new Date(moment);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

/** "12:05:54.563". */
export function writeClockMillis(moment: number): string {
  return `${writeClock(moment)}.${pad(new Date(moment).getMilliseconds(), 3)}`;
}
