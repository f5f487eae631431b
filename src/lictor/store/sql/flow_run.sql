-- insert
-- Adds a run.
insert into flow_run (
    id, flow_id, name, state_type, state_name, state_timestamp, deployment_id, work_queue_id, work_queue_name,
    flow_version, idempotency_key, parent_task_run_id, expected_start_time, next_scheduled_start_time, start_time, start_or_expected,
    end_time, total_run_time, tags, version, body, written_by
) values (
    :id, :flow_id, :name, :state_type, :state_name, :state_timestamp, :deployment_id, :work_queue_id, :work_queue_name,
    :flow_version, :idempotency_key, :parent_task_run_id, :expected_start_time, :next_scheduled_start_time, :start_time,
    :start_or_expected, :end_time, :total_run_time, :tags, 1, :body, :by
);

-- plan
-- Adds a run that a schedule asks for, unless its flow has one with its key.
insert into flow_run (
    id, flow_id, name, state_type, state_name, state_timestamp, deployment_id, work_queue_id, work_queue_name,
    flow_version, idempotency_key, parent_task_run_id, expected_start_time, next_scheduled_start_time, start_time, start_or_expected,
    end_time, total_run_time, tags, version, body, written_by
) values (
    :id, :flow_id, :name, :state_type, :state_name, :state_timestamp, :deployment_id, :work_queue_id, :work_queue_name,
    :flow_version, :idempotency_key, :parent_task_run_id, :expected_start_time, :next_scheduled_start_time, :start_time,
    :start_or_expected, :end_time, :total_run_time, :tags, 1, :body, :by
) on conflict do nothing;

-- planned
-- Those of some runs that are there.
select id from flow_run where id {any_id ids};

-- upcoming
-- The keys of the runs of some deployments that are scheduled for a moment or later.
select deployment_id, idempotency_key from flow_run
where deployment_id is not null and deployment_id {any_id deployments} and state_type = 'SCHEDULED'
    and next_scheduled_start_time >= :since and idempotency_key is not null;

-- read_row
-- A run's stored JSON, its version, the names of its flow and deployment, the type of its work pool, and its columns in
-- the order of the module's COLUMNS.
select
    body || '}', version, (select flow.name from flow where flow.id = flow_id),
    (select deployment.name from deployment where deployment.id = deployment_id),
    (select work_pool.type from work_queue join work_pool on work_pool.id = work_queue.work_pool_id
        where work_queue.id = flow_run.work_queue_id),
    name, state_type, state_name, state_timestamp, deployment_id,
    work_queue_id, work_queue_name, flow_version, idempotency_key, parent_task_run_id, expected_start_time, next_scheduled_start_time, start_time, start_or_expected,
    end_time, total_run_time, tags
from flow_run where id = :id {relock};

-- read_version
-- A run's version.
select version from flow_run where id = :id {keep};

-- read_text
-- A run's JSON as it is at this moment.
select {live} from flow_run where id = :id;

-- read_name
-- A run's name.
select name from flow_run where id = :id;

-- find
-- The run of a flow with an idempotency key.
select id from flow_run where flow_id = :flow_id and idempotency_key = :idempotency_key;

-- delete
-- Removes a run.
delete from flow_run where id = :id returning id;

-- delete_states
-- Removes the states of a run.
delete from flow_run_state where run_id = :id;

-- delete_some_task_run_states
-- Removes the states of some of a run's task runs.
delete from task_run_state where run_id in (
    select id from task_run where flow_run_id = :id order by expected_start_time, number limit :most
);

-- delete_some_slots
-- Gives the slots of some of a run's task runs back.
delete from concurrency_slot where holder_id in (
    select id from task_run where flow_run_id = :id order by expected_start_time, number limit :most
);

-- delete_some_cache
-- Removes the states of some of a run's task runs from the cache.
delete from task_run_cache where run_id in (
    select id from task_run where flow_run_id = :id order by expected_start_time, number limit :most
);

-- delete_slots
-- Gives a run's slot back.
delete from concurrency_slot where holder_id = :id;

-- delete_some_task_runs
-- Removes some of a run's task runs.
delete from task_run where number in (
    select number from task_run where flow_run_id = :id order by expected_start_time, number limit :most
) returning 1;

-- delete_some_logs
-- Removes some of a run's log lines.
delete from log where position in (select position from log where flow_run_id = :id limit :most) returning 1;

-- delete_signs
-- Removes the signs of life of a run.
delete from sign_of_life where run_id = :id;

-- delete_inputs
-- Removes the inputs of a run.
delete from flow_run_input where flow_run_id = :id;
