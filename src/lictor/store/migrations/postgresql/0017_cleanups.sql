-- What workers are to clean up: the infrastructure of runs that a server has counted as ended. A row stands until a worker
-- says that it is done; the one with the token has it until `until`.

create table cleanup (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    work_pool_id bytea not null,
    work_queue_id bytea,
    kind text collate "C" not null,
    target text collate "C" not null,
    created bigint not null,
    deliveries bigint not null default 0,
    token text collate "C",
    until bigint
);
create index cleanup_pool on cleanup (work_pool_id, number);
create index cleanup_created on cleanup (created);
