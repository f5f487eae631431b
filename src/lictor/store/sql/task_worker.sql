-- put
-- Notes that a worker is there, and what it serves.
insert into task_worker (connection, identifier, task_keys, seen)
values (:connection, :identifier, :task_keys, :now)
on conflict (connection) do update set seen = excluded.seen;

-- forget
-- Forgets a worker.
delete from task_worker where connection = :connection;

-- forget_silent
-- Forgets the workers that nobody has seen for long.
delete from task_worker where seen < :before;

-- list
-- The workers that were seen of late.
select identifier, task_keys, seen from task_worker where seen >= :since order by identifier, connection;

-- next
-- The first run of a task that waits and that nobody has.
select number from deferred_run
where task_key = :key and (until is null or until <= :now) order by number limit 1;

-- take
-- Gives a waiting run to a socket, unless another has it by now.
update deferred_run set connection = :connection, acknowledged = 0, until = :until
where number = :number and (until is null or until <= :now) returning run_id;

-- acknowledge
-- Notes that a worker has what it was sent.
update deferred_run set acknowledged = 1 where run_id = :run_id and connection = :connection;

-- renew
-- Lets a socket keep what it has until another time.
update deferred_run set until = :until where connection = :connection;

-- release
-- Takes from a socket what it has: at once what the worker has not taken, later what it may be about to begin.
update deferred_run set connection = null, until = case when acknowledged = 1 then cast(:later as bigint) end
where connection = :connection;
