-- insert
-- Adds a run.
insert into task_run (
    id, key, flow_run_id, name, state_id, state_type, state_name, state_timestamp, expected_start_time,
    next_scheduled_start_time, start_time, end_time, total_run_time, tags, created, version, body, written_by
) values (
    :id, :key, :flow_run_id, :name, :state_id, :state_type, :state_name, :state_timestamp, :expected_start_time,
    :next_scheduled_start_time, :start_time, :end_time, :total_run_time, :tags, :created, 1, :body, :by
);

-- read_row
-- A run's stored JSON, its version, and its columns in the order of the module's COLUMNS.
select
    body || '}', version, flow_run_id, name, state_id, state_type, state_name, state_timestamp, expected_start_time,
    next_scheduled_start_time, start_time, end_time, total_run_time, tags
from task_run where id = :id {relock};

-- read_text
-- A run's JSON as it is at this moment.
select {live} from task_run where id = :id;

-- exists
-- Whether there is such a run.
select 1 from task_run where id = :id {keep};

-- find
-- The run with a key.
select id from task_run where key = :key;

-- read_known
-- What is known of some runs: id, key, creation, version, and the columns in the order of the module's COLUMNS.
select
    id, key, created, version, flow_run_id, name, state_id, state_type, state_name, state_timestamp,
    expected_start_time, next_scheduled_start_time, start_time, end_time, total_run_time, tags
from task_run where id {any_id ids} order by id {lock};

-- read_known_by_key
-- What is known of the runs with some keys, in the same order.
select
    id, key, created, version, flow_run_id, name, state_id, state_type, state_name, state_timestamp,
    expected_start_time, next_scheduled_start_time, start_time, end_time, total_run_time, tags
from task_run where key {any_id keys} order by id {lock};

-- delete
-- Removes a run.
delete from task_run where id = :id returning id;

-- delete_states
-- Removes the states of a run.
delete from task_run_state where run_id = :id;

-- delete_some_logs
-- Removes some of a run's log lines.
delete from log where position in (select position from log where task_run_id = :id limit :most) returning 1;

-- delete_slots
-- Gives the slots of a run back.
delete from concurrency_slot where holder_id = :id;

-- delete_cache
-- Removes a run's states from the cache.
delete from task_run_cache where run_id = :id;
