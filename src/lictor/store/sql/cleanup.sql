-- insert
-- Adds what a worker of a pool is to clean up.
insert into cleanup (id, work_pool_id, work_queue_id, kind, target, created)
values (:id, :work_pool_id, :work_queue_id, :kind, :target, :now)
on conflict (id) do nothing;

-- next
-- What a worker should clean up first of what nobody has: that of its own queues, else the oldest.
select number, id, deliveries from cleanup
where work_pool_id = :work_pool_id and kind {any kinds} and (until is null or until <= :now)
order by case when work_queue_id {any_id queues} then 0 else 1 end, number limit 1;

-- take
-- Hands out what nobody has by now.
update cleanup set deliveries = deliveries + 1, token = :token, until = :until
where number = :number and (until is null or until <= :now)
returning id, work_queue_id, kind, target, deliveries;

-- read_to_change
-- What is handed out, before something becomes of it.
select number, work_pool_id, deliveries, token, until from cleanup where id = :id {lock};

-- renew
-- Lets a worker keep what it has until another time.
update cleanup set until = :until where number = :number;

-- release
-- Takes from a worker what it has.
update cleanup set token = null, until = null where number = :number;

-- delete
-- Removes what is done, or given up.
delete from cleanup where number = :number;

-- delete_of_pool
-- Removes what the workers of a pool were to clean up.
delete from cleanup where work_pool_id = :work_pool_id;

-- delete_old
-- Removes what nobody has cleaned up for long.
delete from cleanup where created < :before;
