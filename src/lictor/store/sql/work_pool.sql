-- insert
-- Adds a work pool, unless its name is taken.
insert into work_pool (
    id, name, type, status, is_paused, slots, default_queue_id, status_event_id, status_changed, body, written_by
) values (
    :id, :name, :type, :status, :is_paused, :slots, :default_queue_id, :status_event_id, :status_changed, :body, :by
)
on conflict (name) do nothing returning id;

-- read
-- A pool by its name: its JSON, and its last change of status.
select body || '}', status_event_id, status_changed from work_pool where name = :name {keep};

-- read_by_id
-- A pool by its id, likewise.
select body || '}', status_event_id, status_changed from work_pool where id = :id {keep};

-- read_to_change
-- A pool by its name, likewise, before it or its queues are changed.
select body || '}', status_event_id, status_changed from work_pool where name = :name {lock};

-- read_to_change_by_id
-- A pool by its id, likewise.
select body || '}', status_event_id, status_changed from work_pool where id = :id {lock};

-- update
-- Changes a pool.
update work_pool set
    status = :status, is_paused = :is_paused, slots = :slots, default_queue_id = :default_queue_id,
    status_event_id = :status_event_id, status_changed = :status_changed, body = :body, written_by = :by
where id = :id returning id;

-- delete
-- Removes a pool.
delete from work_pool where id = :id returning id;

-- forsaken
-- The pools that count as ready and have no worker that is online.
select name from work_pool
where status = 'READY' and not exists (
    select 1 from worker where worker.work_pool_id = work_pool.id and worker.status = 'ONLINE'
)
order by name limit :most;

-- taken
-- How many runs hold slots of a pool.
select count(*) from work_queue join flow_run on flow_run.work_queue_id = work_queue.id
where work_queue.work_pool_id = :id and flow_run.state_type in ('PENDING', 'RUNNING');
