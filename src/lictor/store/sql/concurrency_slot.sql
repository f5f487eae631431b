-- read_by_name
-- The limit with a name.
select id, name, slots, created, updated from concurrency_limit where name = :name;

-- take
-- Takes slots by a lease.
insert into concurrency_slot (limit_id, lease_id, holder_id, holder_type, slots, poured, expires, taken)
values (:limit_id, :lease_id, :holder_id, :holder_type, :slots, :poured, :expires, :now)
on conflict (limit_id, lease_id) do update set expires = excluded.expires;

-- end_lease
-- Gives back what a lease holds.
delete from concurrency_slot where lease_id = :lease_id returning limit_id, slots, poured, taken;

-- end_expired
-- Gives back what leases hold that ran out.
delete from concurrency_slot where expires <= :now returning limit_id;

-- lock_named
-- The limits with some names, others are held off from them until this transaction ends.
select id, name, slots, created, updated, active, decay, level, level_at, occupancy from concurrency_limit
where name {one_of names} order by id {lock};

-- lock_one
-- A limit by its id, others are held off from it until this transaction ends.
select id, name, slots, created, updated, active, decay, level, level_at, occupancy from concurrency_limit where id = :id {lock};

-- lock_by_name
-- A limit by its name, others are held off from it until this transaction ends.
select id, name, slots, created, updated, active, decay, level, level_at, occupancy from concurrency_limit where name = :name {lock};

-- list_all
-- A page of all limits, by name.
select id, name, slots, created, updated, active, decay, level, level_at, occupancy from concurrency_limit order by name limit :limit offset :offset;

-- count_rows
-- How many slots are taken of some limits now.
select limit_id, cast(sum(concurrency_slot.slots) as bigint) from concurrency_slot
where limit_id {any_id limits} and (expires is null or expires > :now) group by limit_id;

-- add
-- Adds a limit, unless there is one of this name.
insert into concurrency_limit
    (id, name, slots, version, created, updated, active, decay, level, level_at, occupancy, written_by)
values (:id, :name, :slots, 1, :now, :now, :active, :decay, :level, :now, :occupancy, :by)
on conflict (name) do nothing returning id;

-- change
-- Changes a limit.
update concurrency_limit set
    name = :name, slots = :slots, active = :active, decay = :decay, level = :level, level_at = :now, updated = :now,
    version = version + 1, written_by = :by
where id = :id;

-- pour
-- Says how many slots of a limit have not come back by themselves.
update concurrency_limit set level = :level, level_at = :now, version = version + 1 where id = :id;

-- learn
-- Takes into the mean of a limit for how long a slot of it was held.
update concurrency_limit set
    occupancy = occupancy + (:held - occupancy) / (case when slots > 0 then 2 * slots else 2 end)
where id = :id;

-- read_loose
-- The slots of a limit that no lease and no run holds, those first that were taken first.
select lease_id, slots from concurrency_slot
where limit_id = :limit_id and holder_id is null and expires is null and slots > 0 order by taken, lease_id;

-- read_taken
-- The slots that are taken of a limit: those first that no lease holds, then those that were taken first.
select lease_id, slots from concurrency_slot
where limit_id = :limit_id and slots > 0 and (expires is null or expires > :now)
order by case when holder_id is null and expires is null then 0 else 1 end, taken, lease_id;

-- lessen
-- Lets a lease hold fewer slots of a limit.
update concurrency_slot set slots = :slots where limit_id = :limit_id and lease_id = :lease_id;

-- drop_loose
-- Forgets slots that no lease and no run holds.
delete from concurrency_slot
where limit_id = :limit_id and lease_id = :lease_id and holder_id is null and expires is null;

-- settle
-- Counts the slots of a limit that came back by themselves as others: from now on they are given back.
update concurrency_slot set slots = poured, poured = 0 where limit_id = :limit_id and poured > 0;

-- some
-- The limits with some names or ids, by name.
select id, name, slots, created, updated, active, decay, level, level_at, occupancy from concurrency_limit
where name {any names} or id {any_id limits} order by name;
