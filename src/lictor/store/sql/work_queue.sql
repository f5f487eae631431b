-- insert
-- Adds a work queue, unless its name is taken in its pool.
insert into work_queue (
    id, work_pool_id, name, priority, status, is_paused, slots, last_polled, body, written_by
) values (
    :id, :work_pool_id, :name, :priority, :status, :is_paused, :slots, :last_polled, :body, :by
)
on conflict (work_pool_id, name) do nothing returning id;

-- read
-- A queue by its id: its stored JSON, its status, and when it was last asked for work.
select body, status, last_polled from work_queue where id = :id {keep};

-- read_to_change
-- A queue by its id, likewise, before it is changed.
select body, status, last_polled from work_queue where id = :id {lock};

-- read_by_name
-- A queue of a pool by its name, likewise.
select body, status, last_polled from work_queue where work_pool_id = :work_pool_id and name = :name {keep};

-- of_pool
-- The queues of a pool by priority, likewise.
select body, status, last_polled from work_queue where work_pool_id = :work_pool_id order by priority, number {lock};

-- update
-- Changes a queue.
update work_queue set
    name = :name, priority = :priority, status = :status, is_paused = :is_paused, slots = :slots,
    last_polled = :last_polled, body = :body, written_by = :by
where id = :id returning id;

-- delete
-- Removes a queue.
delete from work_queue where id = :id returning id;

-- some_runs
-- Some of the runs of a queue.
select id from flow_run where work_queue_id = :id limit :most;

-- misnamed_runs
-- Some of the runs of a queue that have another name for it.
select id from flow_run where work_queue_id = :id and work_queue_name <> :name limit :most;

-- polled
-- Remembers that queues were asked for work.
update work_queue set last_polled = :now where id {any_id ids};

-- ready
-- Makes queues ready that are not, and returns which.
update work_queue set status = 'READY' where id {any_id ids} and status = 'NOT_READY' returning id;

-- silent
-- The queues that count as ready and were not asked for work since a moment.
select id from work_queue
where status = 'READY' and last_polled < :before order by last_polled, number limit :most;

-- mark_silent
-- Marks queues not ready that count as ready and were not asked for work since a moment, and returns which.
update work_queue set status = 'NOT_READY'
where id {any_id ids} and status = 'READY' and last_polled < :before returning id;

-- taken
-- How many runs hold slots of some queues: of each queue, pending and running, and in cancellation.
select work_queue_id, sum(case when state_type = 'CANCELLING' then 0 else 1 end), count(*)
from flow_run
where work_queue_id {any_id ids} and state_type in ('PENDING', 'RUNNING', 'CANCELLING')
group by work_queue_id;

-- waiting
-- The scheduled runs of a queue that are due in a time, those first that are due first.
select {live} from flow_run
where work_queue_id = :id and state_type = 'SCHEDULED' and next_scheduled_start_time between :since and :until
    and (body not like '%"retry_type":"in_process"%' or coalesce({retry_type}, '') <> 'in_process')
order by next_scheduled_start_time, number limit :most;

-- holders
-- Some of the runs that hold slots of a queue: id, name, state and times.
select id, name, state_type, state_name, start_time, state_timestamp from flow_run
where work_queue_id = :id and state_type {one_of states} order by id limit :limit offset :offset;

-- late
-- How many runs of a queue are late.
select count(*) from flow_run where work_queue_id = :id and state_type = 'SCHEDULED' and state_name = 'Late';
