import { Link } from "wouter";
import { Heading } from "../parts/Heading.tsx";
import css from "./NotFound.module.css";

export function NotFound({ what, hint }: { what?: string; hint?: string }) {
  return (
    <div className={css["place"]}>
      <p className={css["code"]}>404</p>
      <Heading title={what ?? "There is no such page"} />
      <p>{hint ?? "The address may be misspelt, or the page may have moved."}</p>
      <Link href="/runs">Go to the runs</Link>
    </div>
  );
}
