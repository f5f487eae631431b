-- insert
-- Adds a line.
insert into log (flow_run_id, task_run_id, level, timestamp, body, written_by)
values (:flow_run_id, :task_run_id, :level, :timestamp, :body, :by);

-- last
-- The position of the last line.
select coalesce(max(position), 0) from log;
