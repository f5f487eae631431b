-- insert
-- Adds a run.
insert into task_run (
    id, key, flow_run_id, name, state_id, state_type, state_name, state_timestamp, expected_start_time,
    next_scheduled_start_time, start_time, end_time, total_run_time, tags, created, version, body, written_by
) values (
    :id, :key, :flow_run_id, :name, :state_id, :state_type, :state_name, :state_timestamp, :expected_start_time,
    :next_scheduled_start_time, :start_time, :end_time, :total_run_time, :tags, :created, 1, :body, :by
);

-- record
-- Adds a run, or gives a known one the state that it was reported in, if that is newer than its own.
insert into task_run (
    id, key, flow_run_id, name, state_id, state_type, state_name, state_timestamp, expected_start_time,
    next_scheduled_start_time, start_time, end_time, total_run_time, tags, created, version, body, written_by
) values (
    :id, :key, :flow_run_id, :name, :state_id, :state_type, :state_name, :state_timestamp, :expected_start_time,
    :next_scheduled_start_time, :start_time, :end_time, :total_run_time, :tags, :created, 1, :body, :by
) on conflict (id) do update set
    name = excluded.name, state_id = excluded.state_id, state_type = excluded.state_type,
    state_name = excluded.state_name, state_timestamp = excluded.state_timestamp,
    expected_start_time = excluded.expected_start_time,
    next_scheduled_start_time = excluded.next_scheduled_start_time, start_time = excluded.start_time,
    end_time = excluded.end_time, total_run_time = excluded.total_run_time, tags = excluded.tags,
    version = task_run.version + 1, body = excluded.body, written_by = excluded.written_by;

-- read_body
-- A run's stored JSON and its version.
select body || '}', version from task_run where id = :id;

-- read_text
-- A run's JSON as it is at this moment.
select {live} from task_run where id = :id;

-- exists
-- Whether there is such a run.
select 1 from task_run where id = :id;

-- find
-- The run with a key.
select id from task_run where key = :key;

-- read_known
-- What is known of some runs.
select id, key, created, state_timestamp, state_id from task_run where id {any_id ids};

-- read_known_by_key
-- What is known of the runs with some keys.
select id, key, created, state_timestamp, state_id from task_run where key {any_id keys};

-- update
-- Changes a run that nobody else changed since it was read.
update task_run set
    name = :name, state_id = :state_id, state_type = :state_type, state_name = :state_name,
    state_timestamp = :state_timestamp, expected_start_time = :expected_start_time,
    next_scheduled_start_time = :next_scheduled_start_time, start_time = :start_time, end_time = :end_time,
    total_run_time = :total_run_time, tags = :tags, version = version + 1, body = :body, written_by = :by
where id = :id and version = :version returning version;

-- delete
-- Removes a run.
delete from task_run where id = :id returning id;

-- delete_states
-- Removes the states of a run.
delete from task_run_state where run_id = :id;

-- delete_logs
-- Removes the log lines of a run.
delete from log where task_run_id = :id;
