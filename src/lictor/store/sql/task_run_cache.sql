-- find
-- The newest state that a run completed in with a key, and that still counts.
select task_run_state.body
from task_run_cache join task_run_state on task_run_state.id = task_run_cache.state_id
where task_run_cache.key = :key and (task_run_cache.expires is null or task_run_cache.expires > :now)
order by task_run_cache.created desc, task_run_cache.state_id desc limit 1;

-- forget_outlasted
-- Removes what a new entry replaces: older ones of its key that count no longer than it does.
delete from task_run_cache
where key = :key
    and (cast(:expires as bigint) is null or (expires is not null and expires <= :expires) or expires <= :now);

-- add
-- Adds an entry.
insert into task_run_cache (key, created, state_id, run_id, expires) values (:key, :now, :state_id, :run_id, :expires);
