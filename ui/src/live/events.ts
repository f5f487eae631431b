/** Takes the server's events into the data that the pages show. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { reachable, request } from "../api/request.ts";
import type { FlowRun, LiveEvent, TaskRun } from "../api/types.ts";
import { isFinal } from "../state/states.ts";
import { makeStore } from "../store.ts";
import { announce } from "./announcer.ts";
import { Channel, type Frame } from "./channel.ts";
import { watchHidden } from "./hidden.ts";
import { type Change, changeOf, patchList, patchPages, patchRun } from "./patch.ts";
import { type Link, linkOf, throttled } from "./policy.ts";

export const link = makeStore<Link>("connecting");

const LIST_GAP = 2_000;
const QUIET = 30_000;
const YEAR = 365 * 24 * 3_600_000;

/** Without an end, the server would take the moment of subscribing for one and send nothing. */
function subscription(): unknown {
  const span = { since: new Date(Date.now() - YEAR).toISOString(), until: new Date(Date.now() + 10 * YEAR).toISOString() };
  return { event: { prefix: ["prefect.flow-run.", "prefect.task-run."] }, occurred: span };
}

class LiveData {
  private client: QueryClient;
  private refreshLists: () => void;
  private refreshRuns: () => void;

  constructor(client: QueryClient) {
    this.client = client;
    this.refreshLists = throttled(() => void client.invalidateQueries({ queryKey: ["runs"] }), LIST_GAP);
    this.refreshRuns = throttled(() => {
      void client.invalidateQueries({ queryKey: ["run"] });
      void client.invalidateQueries({ queryKey: ["tasks"] });
    }, LIST_GAP);
  }

  refetchAll(): void {
    for (const key of ["runs", "run", "tasks"]) void this.client.invalidateQueries({ queryKey: [key] });
  }

  take(frame: Frame): void {
    if (frame.type !== "event") return;
    const change = changeOf(frame["event"] as LiveEvent);
    if (change?.kind === "flow-run") this.takeFlowRun(change);
    if (change?.kind === "task-run") this.takeTaskRun(change);
  }

  private takeFlowRun(change: Change): void {
    const shown = this.client.getQueryData<FlowRun>(["run", change.id]);
    this.client.setQueriesData<FlowRun[]>({ queryKey: ["runs", "list"] }, (runs) => runs && patchList(runs, change));
    if (shown) {
      this.client.setQueryData<FlowRun>(["run", change.id], patchRun(shown, change));
      if (isFinal(change.type)) this.refreshRuns();
    }
    this.refreshLists();
    announce(`Run ${change.name}: ${change.stateName}`);
  }

  private takeTaskRun(change: Change): void {
    this.client.setQueryData<InfiniteData<TaskRun[]>>(["tasks", change.flowRunId], (data) =>
      data && { ...data, pages: patchPages(data.pages, change) },
    );
  }
}

/** Ask whether the server is there while nothing is heard: a socket does not tell that its other end has gone. */
function watchQuiet(heard: () => number): () => void {
  const timer = setInterval(() => {
    if (Date.now() - heard() >= QUIET) void request("GET", "/health").catch(() => undefined);
  }, QUIET);
  return () => clearInterval(timer);
}

/** Follow the server's events until the returned function is called. */
export function followEvents(client: QueryClient): () => void {
  const data = new LiveData(client);
  let heard = Date.now();
  const channel = new Channel("/events/out", subscription(), {
    frame: (frame) => {
      heard = Date.now();
      data.take(frame);
    },
    opened: () => {
      reachable.set(true);
      data.refetchAll();
    },
    changed: () => link.set(linkOf(channel.open, channel.failures, reachable.get())),
  });
  const ends = [
    reachable.watch(() => {
      link.set(linkOf(channel.open, channel.failures, reachable.get()));
      if (!reachable.get() && channel.open) channel.restart();
    }),
    watchHidden(
      () => channel.stop(),
      () => channel.start(),
    ),
    watchQuiet(() => (document.hidden ? Date.now() : heard)),
    () => channel.stop(),
  ];
  channel.start();
  return () => ends.forEach((end) => end());
}
