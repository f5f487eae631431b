-- beat
-- Adds a worker that is online, or lets one be online again.
insert into worker (id, work_pool_id, name, status, last_heartbeat, heartbeat_interval, body, written_by)
values (:id, :work_pool_id, :name, 'ONLINE', :now, :heartbeat_interval, :body, :by)
on conflict (work_pool_id, name) do update set
    status = 'ONLINE', last_heartbeat = excluded.last_heartbeat, written_by = excluded.written_by,
    heartbeat_interval = coalesce(excluded.heartbeat_interval, worker.heartbeat_interval)
returning id;

-- online
-- How many workers of a pool are online.
select count(*) from worker where work_pool_id = :work_pool_id and status = 'ONLINE';

-- silent
-- Marks workers offline that missed so many signs of life.
update worker set status = 'OFFLINE'
where status = 'ONLINE' and last_heartbeat < :now - coalesce(heartbeat_interval, :usual) * :multiple
returning id;

-- delete
-- Removes a worker of a pool.
delete from worker where work_pool_id = :work_pool_id and name = :name returning id;

-- delete_of_pool
-- Removes the workers of a pool.
delete from worker where work_pool_id = :work_pool_id;
