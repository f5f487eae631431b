-- insert
-- Adds a deployment, unless its flow has one of its name.
insert into deployment (
    id, flow_id, name, paused, tags, work_queue_id, work_queue_name, concurrency_limit_id, status, created, updated,
    body, written_by
) values (
    :id, :flow_id, :name, :paused, :tags, :work_queue_id, :work_queue_name, :concurrency_limit_id, 'NOT_READY',
    :created, :updated, :body, :by
) on conflict (flow_id, name) do nothing returning id;

-- keep
-- Whether there is a deployment, which stays while this transaction lasts.
select 1 from deployment where id = :id {keep};

-- update
-- Changes a deployment.
update deployment set
    paused = :paused, tags = :tags, work_queue_id = :work_queue_id, work_queue_name = :work_queue_name,
    concurrency_limit_id = :concurrency_limit_id, updated = :updated, body = :body, written_by = :by
where id = :id returning id;

-- delete
-- Removes a deployment.
delete from deployment where id = :id returning id;

-- some_of_flow
-- Some of a flow's deployments.
select id from deployment where flow_id = :flow_id order by number limit :most;

-- changed_since
-- The deployments behind an id that were changed since a moment, or got other schedules, are not paused, and have an active schedule.
select id from deployment
where id > :behind and id in (
    select id from deployment where updated >= :since
    union select deployment_id from deployment_schedule where updated >= :since
)
    and paused = 0
    and exists (select 1 from deployment_schedule where deployment_id = deployment.id and active = 1)
order by id limit :most;

-- still
-- When some deployments were changed last, as they stay while this transaction lasts.
select id, updated from deployment where id {any_id ids} order by id {keep};

-- to_schedule
-- The deployments behind an id that are not paused and have a schedule that is active.
select id from deployment
where id > :behind and paused = 0
    and exists (select 1 from deployment_schedule where deployment_id = deployment.id and active = 1)
order by id limit :most;

-- schedules
-- The schedules of some deployments, those last changed first.
select deployment_id, body from deployment_schedule
where deployment_id {any_id deployments} order by updated desc, number desc {keep};

-- read_schedule
-- A schedule of a deployment, before it is changed.
select body from deployment_schedule where id = :id and deployment_id = :deployment_id {lock};

-- insert_schedule
-- Adds a schedule.
insert into deployment_schedule (id, deployment_id, slug, active, updated, body, written_by)
values (:id, :deployment_id, :slug, :active, :updated, :body, :by);

-- update_schedule
-- Changes a schedule.
update deployment_schedule set slug = :slug, active = :active, updated = :updated, body = :body, written_by = :by
where id = :id and deployment_id = :deployment_id returning id;

-- forget_slugs
-- Takes the slugs of some schedules away, before they get others.
update deployment_schedule set slug = null where id {any_id ids};

-- delete_schedule
-- Removes a schedule.
delete from deployment_schedule where id = :id and deployment_id = :deployment_id returning id;

-- delete_schedules
-- Removes the schedules of a deployment.
delete from deployment_schedule where deployment_id = :deployment_id;

-- limits
-- Some limits, and how many of their slots are taken now.
select id, name, slots, created, updated, active, decay, (
    select cast(coalesce(sum(concurrency_slot.slots), 0) as bigint) from concurrency_slot
    where limit_id = concurrency_limit.id and (expires is null or expires > :now)
)
from concurrency_limit where id {any_id limits};

-- waiting_runs
-- The scheduled runs of a deployment that wait for no slot, before they are deleted.
select id, body || '}' from flow_run
where deployment_id = :deployment_id and state_type = 'SCHEDULED' and state_name <> 'AwaitingConcurrencySlot'
order by next_scheduled_start_time, number {lock};

-- scheduled_runs
-- The scheduled runs of some deployments that are due before a moment, those first that are due first.
select {live} from flow_run
where deployment_id is not null and deployment_id {any_id deployments} and state_type = 'SCHEDULED'
    and (cast(:before as bigint) is null or next_scheduled_start_time <= cast(:before as bigint))
order by next_scheduled_start_time nulls first, number limit :limit;

-- polled_by_id
-- Remembers that the runs of some deployments were asked for.
update deployment set last_polled = :now where id {any_id ids};

-- polled_by_queue
-- Remembers that the runs of the deployments of some work queues were asked for.
update deployment set last_polled = :now where work_queue_id {any_id queues};

-- unready
-- The deployments with some ids or of some work queues that do not count as ready.
select id from deployment
where status = 'NOT_READY' and (id {any_id ids} or (work_queue_id is not null and work_queue_id {any_id queues}))
order by id {lock};

-- leave_queue
-- Takes all deployments out of a work queue.
update deployment set work_queue_id = null where work_queue_id = :work_queue_id;

-- silent
-- The deployments that count as ready and whose runs were not asked for since a moment.
select id from deployment where status = 'READY' and last_polled < :before order by last_polled, number limit :most;

-- set_status
-- Makes deployments ready or not, those that were not, and returns which.
update deployment set status = :status where id {any_id ids} and status <> :status returning id;
