-- What workers are to clean up: the infrastructure of runs that a server has counted as ended. A row stands until a worker
-- says that it is done; the one with the token has it until `until`.

create table cleanup (
    number integer primary key,
    id blob not null unique,
    work_pool_id blob not null,
    work_queue_id blob,
    kind text not null,
    target text not null,
    created integer not null,
    deliveries integer not null default 0,
    token text,
    until integer
);
create index cleanup_pool on cleanup (work_pool_id, number);
create index cleanup_created on cleanup (created);
