-- A slot belongs to what took it, a lease or a run, and not to who holds it: a run may hold several of one limit.

alter table concurrency_slot rename to concurrency_slot_of_holder;
alter index concurrency_slot_holder rename to concurrency_slot_holder_before;
alter index concurrency_slot_lease rename to concurrency_slot_lease_before;
alter index concurrency_slot_expires rename to concurrency_slot_expires_before;
alter index concurrency_slot_pkey rename to concurrency_slot_pkey_before;

create table concurrency_slot (
    limit_id bytea not null,
    lease_id bytea not null, -- the run where no lease was asked for
    holder_id bytea,
    holder_type text collate "C", -- task_run, flow_run, or deployment: the flow run has it as one of its deployment's
    slots bigint not null,
    expires bigint, -- null where it is held until it is given back
    taken bigint not null,
    primary key (limit_id, lease_id)
);
insert into concurrency_slot (limit_id, lease_id, holder_id, holder_type, slots, expires, taken)
select
    limit_id, coalesce(lease_id, holder_id), holder_id, case when lease_id is null then 'task_run' else 'deployment' end,
    1, expires, taken
from concurrency_slot_of_holder;
drop table concurrency_slot_of_holder;

create index concurrency_slot_holder on concurrency_slot (holder_id) where holder_id is not null;
create index concurrency_slot_lease on concurrency_slot (lease_id);
create index concurrency_slot_expires on concurrency_slot (expires) where expires is not null;
