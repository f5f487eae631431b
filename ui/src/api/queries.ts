import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { link } from "../live/events.ts";
import { anyActive } from "../live/patch.ts";
import { pollEvery } from "../live/policy.ts";
import { filterOf, PAGE_SIZE, type RunsView } from "../state/filter.ts";
import { useStore } from "../store.ts";
import { request } from "./request.ts";
import type { Flow, FlowRun, TaskRun } from "./types.ts";

export const TASKS_PAGE = 200;

/** The view's page of flow runs, newest start first. */
export function useRuns(view: RunsView) {
  const now = useStore(link);
  return useQuery({
    queryKey: ["runs", "list", view],
    queryFn: () =>
      request<FlowRun[]>("POST", "/flow_runs/filter", {
        sort: "START_TIME_DESC",
        limit: PAGE_SIZE,
        offset: (view.page - 1) * PAGE_SIZE,
        ...filterOf(view),
      }),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => pollEvery(now, anyActive(query.state.data ?? [])),
  });
}

/** How many flow runs the view's filter matches, over all pages. */
export function useRunCount(view: RunsView) {
  const now = useStore(link);
  return useQuery({
    queryKey: ["runs", "count", view.states],
    queryFn: () => request<number>("POST", "/flow_runs/count", filterOf(view)),
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(now, false),
  });
}

/** The names of flows by id. Names never change, so each set of ids is asked for once. */
export function useFlowNames(ids: string[]): Map<string, string> {
  const wanted = [...new Set(ids)].sort();
  const { data } = useQuery({
    queryKey: ["flows", wanted],
    queryFn: () => request<Flow[]>("POST", "/flows/filter", { flows: { id: { any_: wanted } }, limit: wanted.length }),
    enabled: wanted.length > 0,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  return new Map((data ?? []).map((flow) => [flow.id, flow.name]));
}

export function useRun(id: string) {
  const now = useStore(link);
  return useQuery({
    queryKey: ["run", id],
    queryFn: () => request<FlowRun>("GET", `/flow_runs/${encodeURIComponent(id)}`),
    refetchInterval: (query) => pollEvery(now, anyActive(query.state.data ? [query.state.data] : [])),
  });
}

/** A flow run's task runs in the order of their expected start, page by page. */
export function useTasks(runId: string, active: boolean) {
  const now = useStore(link);
  return useInfiniteQuery({
    queryKey: ["tasks", runId],
    queryFn: ({ pageParam }) =>
      request<TaskRun[]>("POST", "/task_runs/filter", {
        flow_runs: { id: { any_: [runId] } },
        sort: "EXPECTED_START_TIME_ASC",
        limit: TASKS_PAGE,
        offset: pageParam,
      }),
    initialPageParam: 0,
    getNextPageParam: (last, all) => (last.length < TASKS_PAGE ? undefined : all.reduce((sum, page) => sum + page.length, 0)),
    refetchInterval: pollEvery(now, active),
  });
}
