import { type FormEvent, useState } from "react";
import { ApiError, signIn } from "../api/request.ts";
import { Heading } from "../parts/Heading.tsx";
import css from "./SignIn.module.css";

function tell(wrong: unknown): string {
  if (wrong instanceof ApiError && wrong.status === 401) return "These credentials are not the server's.";
  return wrong instanceof Error ? `${wrong.message}.` : String(wrong);
}

/** Shown at whatever address was asked for, so that signing in leads there. Nothing typed here is kept in the browser. */
export function SignIn() {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [plain, setPlain] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const credentials = String(new FormData(event.currentTarget).get("credentials") ?? "");
    if (!credentials) return setProblem("Type the credentials first.");
    setBusy(true);
    setProblem(null);
    try {
      await signIn(credentials);
    } catch (wrong) {
      setProblem(tell(wrong));
      setBusy(false);
    }
  };

  return (
    <div className={css["place"]}>
      <form className={css["form"]} onSubmit={(event) => void submit(event)}>
        <Heading title="Sign in" />
        <label htmlFor="credentials">Credentials</label>
        <div className={css["field"]}>
          <input
            id="credentials"
            name="credentials"
            type={plain ? "text" : "password"}
            autoComplete="current-password"
            autoFocus
            spellCheck={false}
            aria-describedby="credentials-hint credentials-problem"
            aria-invalid={problem !== null}
          />
          <button type="button" aria-pressed={plain} onClick={() => setPlain(!plain)}>
            {plain ? "Hide" : "Show"}
          </button>
        </div>
        <p id="credentials-hint" className={css["hint"]}>
          As the server was started with, for example <code>admin:password</code>
        </p>
        <p id="credentials-problem" className={css["problem"]} role="alert">
          {problem}
        </p>
        <button type="submit" className={css["submit"]} disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
      </form>
    </div>
  );
}
