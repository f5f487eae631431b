-- crowd
-- For some limits: the slots that are taken of each, and those that somebody who came at a time finds others to wait for
-- who came before. Who could not take them now anyway, since another limit is full that they need too, does not count.
select id, (
    select cast(coalesce(sum(concurrency_slot.slots), 0) as bigint) from concurrency_slot
    where limit_id = concurrency_limit.id and (expires is null or expires > :now)
), (
    select cast(coalesce(sum(concurrency_waiter.slots), 0) as bigint) from concurrency_waiter
    where limit_id = concurrency_limit.id and until > :now
        and (since < :since or (since = :since and waiter_id < :waiter_id))
        and not exists (
            select 1 from concurrency_waiter as need join concurrency_limit as other on other.id = need.limit_id
            where need.waiter_id = concurrency_waiter.waiter_id and need.limit_id <> concurrency_waiter.limit_id
                and other.active = 1 and need.slots + (
                    select coalesce(sum(concurrency_slot.slots), 0) from concurrency_slot
                    where limit_id = other.id and (expires is null or expires > :now)
                ) > other.slots
        )
)
from concurrency_limit where id {any_id limits};

-- find
-- The waiter who has a place at some limit the longest, and whom no request stands for now, unless it may anyway.
select waiter_id, since from concurrency_waiter
where place = :place and until > :now and (held = 0 or :anyway = 1) order by since, waiter_id limit 1;

-- wait
-- Lets somebody wait for slots of a limit.
insert into concurrency_waiter (limit_id, waiter_id, place, slots, since, until, held)
values (:limit_id, :waiter_id, :place, :slots, :since, :until, :held)
on conflict (limit_id, waiter_id) do update set until = excluded.until, held = excluded.held, slots = excluded.slots;

-- leave
-- Lets somebody wait no more.
delete from concurrency_waiter where waiter_id = :waiter_id;

-- forget
-- Gives up the places that nobody came back to.
delete from concurrency_waiter where until <= :now;

-- read_line
-- Who waits for slots of a limit, those first who came first.
select place, slots, since from concurrency_waiter
where limit_id = :limit_id and until > :now order by since, waiter_id limit :most;

-- read_held
-- What is held of a limit, those first who took it first.
select lease_id, holder_id, holder_type, slots, expires, taken from concurrency_slot
where limit_id = :limit_id and slots > 0 and (expires is null or expires > :now) order by taken, lease_id limit :most;

-- limits_of
-- The limits for which somebody waits whose place's text begins so.
select distinct limit_id from concurrency_waiter where place >= :begin and place < :end and until > :now;
