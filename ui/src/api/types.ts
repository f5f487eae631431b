export type StateType =
  | "SCHEDULED"
  | "PENDING"
  | "RUNNING"
  | "COMPLETED"
  | "FAILED"
  | "CANCELLED"
  | "CRASHED"
  | "PAUSED"
  | "CANCELLING";

export interface State {
  type: StateType;
  name: string;
  timestamp: string;
  message: string | null;
}

/** What flow runs and task runs have in common. */
export interface Run {
  id: string;
  name: string;
  state_type: StateType | null;
  state_name: string | null;
  state: State | null;
  start_time: string | null;
  end_time: string | null;
  expected_start_time: string | null;
  /** Seconds spent running, as far as the server has added them up. */
  total_run_time: number;
  run_count: number;
  tags: string[];
}

export interface FlowRun extends Run {
  created: string;
  flow_id: string;
  deployment_id: string | null;
  parent_task_run_id: string | null;
  parameters: Record<string, unknown>;
}

export interface TaskRun extends Run {
  flow_run_id: string | null;
  task_key: string;
  dynamic_key: string;
}

export interface Flow {
  id: string;
  name: string;
}

export interface Log {
  id: string;
  name: string;
  level: number;
  message: string;
  timestamp: string;
  flow_run_id: string | null;
  task_run_id: string | null;
}

/** An event, as far as the pages read it. */
export interface LiveEvent {
  id: string;
  event: string;
  occurred: string;
  resource: Record<string, string>;
  related: Record<string, string>[];
  payload: { task_run?: Partial<TaskRun>; [name: string]: unknown };
}
