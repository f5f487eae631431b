import css from "./Parameters.module.css";

const SHORT = 60;

/** A value as JSON: on one line where it is short, a text without its quotation marks. */
function write(value: unknown): string {
  if (typeof value === "string") return value;
  const line = JSON.stringify(value);
  return line.length <= SHORT ? line : JSON.stringify(value, null, 2);
}

/** What the flow was called with. */
export function Parameters({ values }: { values: Record<string, unknown> }) {
  const names = Object.keys(values);
  return (
    <section className={css["parameters"]} aria-labelledby="parameters-title" tabIndex={0}>
      <h2 id="parameters-title">Parameters</h2>
      {names.length === 0 ? (
        <p className={css["none"]}>The flow was called without any.</p>
      ) : (
        <dl>
          {names.map((name) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{write(values[name])}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
