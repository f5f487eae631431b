/** Microseconds since 1970 of a moment in ISO 8601, where `Date` would drop the last three digits. */
export function micros(moment: string): number {
  const digits = /\.(\d+)/.exec(moment)?.[1] ?? "";
  const below = digits.slice(3, 6).padEnd(3, "0");
  return Date.parse(moment) * 1000 + Number(below);
}
