-- What finds the task runs without a flow run, and the log lines of such runs, among the many that have one.

create index task_run_alone on task_run (flow_run_id, created, number) where flow_run_id is null;
create index log_alone on log (task_run_id) where flow_run_id is null and task_run_id is not null;
