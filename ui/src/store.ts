import { useSyncExternalStore } from "react";

/** One value that parts of the page can watch. */
export interface Store<T> {
  get: () => T;
  set: (value: T) => void;
  watch: (told: () => void) => () => void;
}

export function makeStore<T>(first: T): Store<T> {
  let value = first;
  const watchers = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const told of [...watchers]) told();
    },
    watch(told) {
      watchers.add(told);
      return () => watchers.delete(told);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.watch, store.get, store.get);
}
