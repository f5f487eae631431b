-- scheduled
-- Scheduled flow runs whose time is past, the oldest first.
select id from flow_run
where next_scheduled_start_time <= :before and state_type = 'SCHEDULED' and state_name = 'Scheduled'
order by next_scheduled_start_time limit :most;

-- paused
-- Paused flow runs after a number: number, id and JSON.
select number, id, body || '}' from flow_run
where state_type = 'PAUSED' and {free}number > :after order by {free}number limit :most;

-- cancelling
-- Flow runs that have been in cancellation since a time.
select id from flow_run
where state_type = 'CANCELLING' and state_timestamp <= :before order by state_timestamp, id limit :most;

-- task_runs
-- Unfinished task runs of flow runs that were cancelled since a time (the join keeps the order of its tables).
with unfinished (type) as (values ('SCHEDULED'), ('PENDING'), ('RUNNING'), ('PAUSED'), ('CANCELLING'))
select task_run.id
from unfinished cross join task_run cross join flow_run
where task_run.state_type = unfinished.type and flow_run.id = task_run.flow_run_id
    and flow_run.state_type = 'CANCELLED' and flow_run.end_time >= :since
limit :most;

-- subflows
-- Unfinished flow runs whose parent was cancelled: id, deployment, type of state.
with unfinished (type) as (values ('SCHEDULED'), ('PENDING'), ('RUNNING'), ('PAUSED'), ('CANCELLING'))
select child.id, child.deployment_id, child.state_type
from unfinished cross join flow_run as child cross join task_run cross join flow_run as parent
where child.state_type = unfinished.type and {free}child.parent_task_run_id is not null and task_run.id = child.parent_task_run_id
    and parent.id = task_run.flow_run_id and parent.state_type = 'CANCELLED'
    and (child.deployment_id is null or child.state_type <> 'CANCELLING')
limit :most;

-- claimed
-- Runs of deployments and work queues after a number that have been pending since before a time: number and id.
select number, id from flow_run
where state_type = 'PENDING' and (work_queue_id is not null or deployment_id is not null) and state_timestamp <= :before
    and {free}number > :after
order by {free}number limit :most;

-- claims
-- How often a run was scheduled, and how often in a state with a name.
select count(*), coalesce(sum(case when name = :name then 1 else 0 end), 0) from flow_run_state
where run_id = :id and type = 'SCHEDULED';
