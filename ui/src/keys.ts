import { useEffect, useRef } from "react";

/** What each key does; a key of two, like "g r", is pressed one after the other. */
export type Keys = Record<string, () => void>;

function typing(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, dialog, [contenteditable]") !== null;
}

/** Listen to the keyboard while the component is shown, but not while a text is typed or a dialog is open. */
export function useKeys(keys: Keys): void {
  const before = useRef("");
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const run = keys[`${before.current} ${event.key}`] ?? keys[event.key];
      before.current = event.key;
      if (!run) return;
      event.preventDefault();
      run();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  });
}
