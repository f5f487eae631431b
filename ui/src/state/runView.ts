/** What of a run's log is shown, as the address keeps it: `?level=error&task=…`. */

export interface RunView {
  /** The lowest level shown: 0 shows all. */
  level: number;
  /** The task run whose lines are shown, or null for all lines. */
  task: string | null;
}

/** The levels that can be chosen, by the word that stands in the address. */
export const LEVELS: readonly [word: string, level: number][] = [
  ["all", 0],
  ["info", 20],
  ["warning", 30],
  ["error", 40],
];

export function readRunView(query: string): RunView {
  const given = new URLSearchParams(query);
  const level = LEVELS.find(([word]) => word === given.get("level"))?.[1] ?? 0;
  return { level, task: given.get("task") || null };
}

export function writeRunView({ level, task }: RunView): string {
  const given = new URLSearchParams();
  const word = LEVELS.find((each) => each[1] === level)?.[0];
  if (level > 0 && word) given.set("level", word);
  if (task) given.set("task", task);
  const text = given.toString();
  return text && `?${text}`;
}

/** The word for a level of a log line. */
export function levelWord(level: number): string {
  if (level >= 50) return "CRITICAL";
  if (level >= 40) return "ERROR";
  if (level >= 30) return "WARNING";
  return level >= 20 ? "INFO" : "DEBUG";
}
