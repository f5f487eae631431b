-- put
-- Adds a limit, or gives the one with this name another number of slots.
insert into concurrency_limit (id, name, slots, version, created, updated, written_by)
values (:id, :name, :slots, 1, :now, :now, :by)
on conflict (name) do update set
    slots = excluded.slots, version = concurrency_limit.version + 1, updated = excluded.updated,
    written_by = excluded.written_by
returning id, name, slots, created, updated;

-- read
-- A limit with an id whose name begins with a prefix.
select id, name, slots, created, updated from concurrency_limit
where id = :id and substr(name, 1, length(:prefix)) = :prefix;

-- read_by_name
-- The limit with a name.
select id, name, slots, created, updated from concurrency_limit where name = :name;

-- list
-- A page of the limits whose names begin with a prefix, by name.
select id, name, slots, created, updated from concurrency_limit
where substr(name, 1, length(:prefix)) = :prefix order by name limit :limit offset :offset;

-- delete
-- Removes a limit.
delete from concurrency_limit where id = :id returning id;

-- delete_slots
-- Gives back every slot of a limit.
delete from concurrency_slot where limit_id = :limit_id;

-- read_holders
-- The task runs that hold slots of some limits, those first who took them first.
select limit_id, holder_id, min(taken) from concurrency_slot
where limit_id {any_id limits} and holder_type = 'task_run' and (expires is null or expires > :now)
group by limit_id, holder_id order by limit_id, min(taken), holder_id;

-- read_free
-- For the limits with some names: what is taken of them, and whether a task run holds one of their slots.
select id, name, slots, (
    select cast(coalesce(sum(concurrency_slot.slots), 0) as bigint) from concurrency_slot
    where limit_id = concurrency_limit.id and (expires is null or expires > :now)
), exists (
    select 1 from concurrency_slot
    where limit_id = concurrency_limit.id and holder_id = :holder_id and holder_type = 'task_run'
        and (expires is null or expires > :now)
)
from concurrency_limit where name {any names} and active = 1 order by name;

-- read_deployment
-- A deployment's limit, what is taken of it now, whether a lease of it lasts still, and the deployment's JSON.
select concurrency_limit.id, slots, (
    select cast(coalesce(sum(concurrency_slot.slots), 0) as bigint) from concurrency_slot
    where limit_id = concurrency_limit.id and (expires is null or expires > :now)
), exists (
    select 1 from concurrency_slot
    where limit_id = concurrency_limit.id and lease_id = :lease_id and (expires is null or expires > :now)
), deployment.body || '}'
from deployment join concurrency_limit on concurrency_limit.id = deployment.concurrency_limit_id
where deployment.id = :deployment_id and concurrency_limit.active = 1;

-- claim
-- Holds others off from taking slots of a limit until this transaction ends, and tells how many it has.
update concurrency_limit set version = version + 1 where id = :id returning slots;

-- count
-- How many slots of a limit are taken now.
select (
    select cast(coalesce(sum(concurrency_slot.slots), 0) as bigint) from concurrency_slot
    where limit_id = concurrency_limit.id and (expires is null or expires > :now)
) from concurrency_limit where id = :id;

-- take
-- Takes slots by a lease.
insert into concurrency_slot (limit_id, lease_id, holder_id, holder_type, slots, poured, expires, taken)
values (:limit_id, :lease_id, :holder_id, :holder_type, :slots, :poured, :expires, :now)
on conflict (limit_id, lease_id) do update set expires = excluded.expires;

-- forget_expired
-- Gives back the slots of a limit whose leases ran out.
delete from concurrency_slot where limit_id = :limit_id and expires <= :now;

-- renew
-- Lets a lease that lasts still last until another time, null for as long as it is not given back.
update concurrency_slot set expires = :expires
where lease_id = :lease_id and (expires is null or expires > :now) returning 1;

-- flow_runs_of
-- The flow runs whose slot of their deployment a lease holds.
select holder_id from concurrency_slot where lease_id = :lease_id and holder_type = 'deployment';

-- give_back_of_deployment
-- Gives back the slot that a flow run has of its deployment.
delete from concurrency_slot where holder_id = :holder_id and holder_type = 'deployment';

-- give_back_of_tags
-- Gives back the slots that a task run has of its tags.
delete from concurrency_slot
where holder_id = :holder_id and holder_type = 'task_run'
    and limit_id in (select id from concurrency_limit where substr(name, 1, 4) = 'tag:');

-- give_back_some
-- Gives back the slots that a task run has of the limits with some names.
delete from concurrency_slot
where holder_id = :holder_id and holder_type = 'task_run'
    and limit_id in (select id from concurrency_limit where name {any names});
