import css from "./Parameters.module.css";

function write(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, value && typeof value === "object" ? 2 : 0);
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
