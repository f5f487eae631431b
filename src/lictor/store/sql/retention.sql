-- events
-- The first events after a position, in the order they came in.
select position, received from event {by_position} where position > :after order by position limit :most;

-- events_named
-- Events of a name that came in and occurred before a moment.
select position from event where name = :name and occurred < :before and received < :before
order by occurred limit :most;

-- delete_event
-- Removes an event.
delete from event where position = :key;

-- logs
-- The first blocks of log lines after a position, in the order they came in.
select position, received from log {by_position} where position > :after order by position limit :most;

-- delete_log
-- Removes a block of log lines.
delete from log where position = :key;

-- flow_runs
-- The first flow runs after a number, in the order they were made, and whether no run that is there has started them.
select
    number, id, version, state_type, body || '}',
    parent_task_run_id is null or not exists (select 1 from task_run where task_run.id = flow_run.parent_task_run_id)
from flow_run {by_position} where number > :after order by number limit :most;

-- task_runs_alone
-- The first task runs without a flow run after one that was made at a moment, in the order they were made.
select created, number, id, version, state_type, body || '}' from task_run
where flow_run_id is null and (created, number) > (:created, :number) order by created, number limit :most;

-- flow_run_version
-- A flow run's version.
select version from flow_run where id = :id {lock};

-- task_run_version
-- A task run's version.
select version from task_run where id = :id {lock};

-- runs_of_task_runs
-- The first ids after one by which task runs name their flow runs, and whether those are there.
with recursive named (id) as (
    select * from (
        select flow_run_id from task_run where flow_run_id > :after order by flow_run_id limit 1
    ) as first
    union all
    select (select flow_run_id from task_run where flow_run_id > named.id order by flow_run_id limit 1)
    from named where named.id is not null
)
select id, exists (select 1 from flow_run where flow_run.id = named.id) from named where id is not null limit :most;

-- runs_of_logs
-- The first ids after one by which log lines name their flow runs, and whether those are there.
with recursive named (id) as (
    select * from (
        select flow_run_id from log where flow_run_id > :after order by flow_run_id limit 1
    ) as first
    union all
    select (select flow_run_id from log where flow_run_id > named.id order by flow_run_id limit 1)
    from named where named.id is not null
)
select id, exists (select 1 from flow_run where flow_run.id = named.id) from named where id is not null limit :most;

-- task_runs_of_logs
-- The first ids after one by which log lines without a flow run name their task runs, and whether those are there.
with recursive named (id) as (
    select * from (
        select task_run_id from log where flow_run_id is null and task_run_id > :after order by task_run_id limit 1
    ) as first
    union all
    select (
        select task_run_id from log where flow_run_id is null and task_run_id > named.id order by task_run_id limit 1
    )
    from named where named.id is not null
)
select id, exists (select 1 from task_run where task_run.id = named.id) from named where id is not null limit :most;

-- runs_of_artifacts
-- The first ids after one by which artifacts name their flow runs, and whether those are there.
with recursive named (id) as (
    select * from (
        select flow_run_id from artifact where flow_run_id > :after order by flow_run_id limit 1
    ) as first
    union all
    select (select flow_run_id from artifact where flow_run_id > named.id order by flow_run_id limit 1)
    from named where named.id is not null
)
select id, exists (select 1 from flow_run where flow_run.id = named.id) from named where id is not null limit :most;

-- artifacts_of
-- Some of the artifacts that name a flow run and were made before a moment.
select id from artifact where flow_run_id = :id and created < :before limit :most;

-- task_runs_of
-- Some of the task runs that name a flow run and were made before a moment.
select id from task_run where flow_run_id = :id and created < :before limit :most;

-- logs_of_run
-- Some blocks of log lines that name a flow run and came in before a moment.
select position from log where flow_run_id = :id and received < :before limit :most;

-- logs_of_task_run
-- Some blocks of log lines that name a task run, no flow run, and came in before a moment.
select position from log where flow_run_id is null and task_run_id = :id and received < :before limit :most;

-- space
-- Whether the file gives pages back when told, how many of its pages are free, and how many there are.
{space};

-- give_back
-- Gives one free page back to the system.
{give_back};
