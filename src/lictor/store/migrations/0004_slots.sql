-- Concurrency limits, the slots that are taken of them, and the cache of task runs' results.

create table concurrency_limit (
    number integer primary key,
    id blob not null unique,
    name text not null unique, -- `tag:` and the tag for a limit of task runs
    slots integer not null,
    version integer not null, -- counts takings and changes
    created integer not null,
    updated integer not null,
    written_by text not null
);

create table concurrency_slot (
    limit_id blob not null,
    holder_id blob not null, -- a run, or a lease that names none
    lease_id blob, -- null where it is held until it is given back
    expires integer,
    taken integer not null,
    primary key (limit_id, holder_id)
) without rowid;
create index concurrency_slot_holder on concurrency_slot (holder_id);
create index concurrency_slot_lease on concurrency_slot (lease_id) where lease_id is not null;
create index concurrency_slot_expires on concurrency_slot (expires) where expires is not null;

create table task_run_cache (
    key text not null,
    created integer not null,
    state_id blob not null,
    run_id blob not null,
    expires integer,
    primary key (key, created, state_id)
) without rowid;
create index task_run_cache_run on task_run_cache (run_id);
