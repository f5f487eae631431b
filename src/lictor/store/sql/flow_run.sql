-- insert
-- Adds a run.
insert into flow_run (
    id, flow_id, name, state_type, state_name, state_timestamp, deployment_id, work_queue_name, flow_version,
    idempotency_key, parent_task_run_id, expected_start_time, next_scheduled_start_time, start_time, start_or_expected,
    end_time, total_run_time, tags, version, body, written_by
) values (
    :id, :flow_id, :name, :state_type, :state_name, :state_timestamp, :deployment_id, :work_queue_name, :flow_version,
    :idempotency_key, :parent_task_run_id, :expected_start_time, :next_scheduled_start_time, :start_time,
    :start_or_expected, :end_time, :total_run_time, :tags, 1, :body, :by
);

-- read_body
-- A run's stored JSON and its version.
select body || '}', version from flow_run where id = :id;

-- read_version
-- A run's version.
select version from flow_run where id = :id;

-- read_text
-- A run's JSON as it is at this moment.
select {live} from flow_run where id = :id;

-- find
-- The run of a flow with an idempotency key.
select id from flow_run where flow_id = :flow_id and idempotency_key = :idempotency_key;

-- update
-- Changes a run that nobody else changed since it was read.
update flow_run set
    name = :name, state_type = :state_type, state_name = :state_name, state_timestamp = :state_timestamp,
    deployment_id = :deployment_id, work_queue_name = :work_queue_name, flow_version = :flow_version,
    idempotency_key = :idempotency_key, parent_task_run_id = :parent_task_run_id,
    expected_start_time = :expected_start_time, next_scheduled_start_time = :next_scheduled_start_time,
    start_time = :start_time, start_or_expected = :start_or_expected, end_time = :end_time,
    total_run_time = :total_run_time, tags = :tags, version = version + 1, body = :body, written_by = :by
where id = :id and flow_id = :flow_id and version = :version returning version;

-- delete
-- Removes a run.
delete from flow_run where id = :id returning id;

-- delete_states
-- Removes the states of a run.
delete from flow_run_state where run_id = :id;

-- delete_some_task_run_states
-- Removes the states of some of a run's task runs.
delete from task_run_state where run_id in (select id from task_run where flow_run_id = :id order by id limit :most);

-- delete_some_task_runs
-- Removes some of a run's task runs.
delete from task_run where id in (select id from task_run where flow_run_id = :id order by id limit :most) returning 1;

-- delete_some_logs
-- Removes some of a run's log lines.
delete from log where position in (select position from log where flow_run_id = :id limit :most) returning 1;
