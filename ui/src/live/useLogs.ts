import { useCallback, useEffect, useRef, useState } from "react";
import { request } from "../api/request.ts";
import type { Log } from "../api/types.ts";
import { useStore } from "../store.ts";
import { Channel } from "./channel.ts";
import { link } from "./events.ts";
import { LOG_PAGE, Lines } from "./logs.ts";
import { pollEvery } from "./policy.ts";

export interface LogQuery {
  runId: string;
  /** The lowest level that is asked for. */
  level: number;
  taskRunId: string | null;
}

export interface Logs {
  lines: Log[];
  /** Whether everything that is stored has been read. */
  complete: boolean;
  error: Error | null;
  more: () => void;
}

function filterOf({ runId, level, taskRunId }: LogQuery) {
  return {
    flow_run_id: { any_: [runId] },
    ...(level > 0 && { level: { ge_: level } }),
    ...(taskRunId && { task_run_id: { any_: [taskRunId] } }),
  };
}

/** Reads a run's log page by page, and after the last page line by line as it is written. */
class LogReader {
  private lines = new Lines();
  private offset = 0;
  private complete = false;
  private error: Error | null = null;
  private reading = false;
  private over = false;
  private frame = 0;
  private query: LogQuery;
  private show: (logs: Omit<Logs, "more">) => void;
  private arrived: Log[] = [];
  private channel: Channel;

  constructor(query: LogQuery, show: (logs: Omit<Logs, "more">) => void) {
    this.query = query;
    this.show = show;
    this.channel = new Channel("/logs/out", filterOf(query), {
      frame: (frame) => frame.type === "log" && this.arrive(frame["log"] as Log),
      opened: () => this.readAgain(),
      changed: () => undefined,
    });
    this.channel.start();
    void this.read();
  }

  end(): void {
    this.over = true;
    cancelAnimationFrame(this.frame);
    this.channel.stop();
  }

  /** Read on from where the last answer ended: what is stored out of order in between comes by the channel. */
  readAgain = (): void => {
    if (this.complete) this.complete = false;
    void this.read();
  };

  read = async (): Promise<void> => {
    if (this.reading || this.complete || this.lines.full) return;
    this.reading = true;
    try {
      const body = { logs: filterOf(this.query), sort: "TIMESTAMP_ASC", limit: LOG_PAGE, offset: this.offset };
      const page = await request<Log[]>("POST", "/logs/filter", body);
      this.offset += page.length;
      this.complete = page.length < LOG_PAGE;
      this.error = null;
      this.lines.add(page);
    } catch (wrong) {
      this.error = wrong as Error;
    }
    this.reading = false;
    this.draw();
  };

  private arrive(line: Log): void {
    this.arrived.push(line);
    this.draw();
  }

  /** Show what there is, once a frame. Lines that arrive before the last page is read wait for it. */
  private draw(): void {
    if (this.over || this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.complete && this.arrived.length > 0 && !this.lines.full) {
        this.lines.add(this.arrived);
        this.arrived = [];
      }
      this.show({ lines: this.lines.list, complete: this.complete || this.lines.full, error: this.error });
    });
  }
}

const NOTHING = { lines: [], complete: false, error: null };

export function useLogs({ runId, level, taskRunId }: LogQuery, active: boolean): Logs {
  const [logs, setLogs] = useState<Omit<Logs, "more">>(NOTHING);
  const reader = useRef<LogReader | null>(null);
  const every = pollEvery(useStore(link), active);
  useEffect(() => {
    setLogs(NOTHING);
    const one = new LogReader({ runId, level, taskRunId }, setLogs);
    reader.current = one;
    return () => one.end();
  }, [runId, level, taskRunId]);
  useEffect(() => {
    if (every === false) return;
    const timer = setInterval(() => reader.current?.readAgain(), every);
    return () => clearInterval(timer);
  }, [every]);
  const more = useCallback(() => void reader.current?.read(), []);
  return { ...logs, more };
}
