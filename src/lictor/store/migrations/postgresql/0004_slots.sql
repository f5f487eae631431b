-- Concurrency limits, the slots that are taken of them, and the cache of task runs' results.

create table concurrency_limit (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    name text collate "C" not null unique, -- `tag:` and the tag for a limit of task runs
    slots bigint not null,
    version bigint not null, -- counts takings and changes
    created bigint not null,
    updated bigint not null,
    written_by text collate "C" not null
);

create table concurrency_slot (
    limit_id bytea not null,
    holder_id bytea not null, -- a run, or a lease that names none
    lease_id bytea, -- null where it is held until it is given back
    expires bigint,
    taken bigint not null,
    primary key (limit_id, holder_id)
);
create index concurrency_slot_holder on concurrency_slot (holder_id);
create index concurrency_slot_lease on concurrency_slot (lease_id) where lease_id is not null;
create index concurrency_slot_expires on concurrency_slot (expires) where expires is not null;

create table task_run_cache (
    key text collate "C" not null,
    created bigint not null,
    state_id bytea not null,
    run_id bytea not null,
    expires bigint,
    primary key (key, created, state_id)
);
create index task_run_cache_run on task_run_cache (run_id);
