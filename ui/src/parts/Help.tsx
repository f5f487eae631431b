import { useEffect, useRef } from "react";
import css from "./Help.module.css";

const KEYS: [keys: string[], does: string][] = [
  [["j"], "Next run in the list"],
  [["k"], "Previous run in the list"],
  [["enter"], "Open the run"],
  [["g", "r"], "Go to the runs"],
  [["?"], "This help"],
];

/** The keyboard's shortcuts, in a dialog of the browser's. */
export function Help({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className={css["help"]} aria-labelledby="help-title" onClose={close}>
      <h2 id="help-title">Keyboard shortcuts</h2>
      <dl>
        {KEYS.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
