import css from "./Tags.module.css";

/** A run's tags; those beyond `most` are counted and named in the title. */
export function Tags({ tags, most }: { tags: string[]; most: number }) {
  const rest = tags.slice(most);
  return (
    <span className={css["tags"]}>
      {tags.slice(0, most).map((tag) => (
        <span key={tag} className={css["tag"]}>
          {tag}
        </span>
      ))}
      {rest.length > 0 && (
        <span className={css["rest"]} title={rest.join(", ")}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}
