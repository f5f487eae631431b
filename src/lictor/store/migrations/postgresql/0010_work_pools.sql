-- Work pools, their queues and their workers. The bodies end before what changes by itself: of a pool the slots that are
-- taken, of a queue also its status and when it was last asked for work, of a worker its status and last sign of life.

create table work_pool (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    name text collate "C" not null unique,
    type text collate "C" not null,
    status text collate "C", -- none where the pool is for agents
    is_paused bigint not null,
    slots bigint,
    default_queue_id bytea,
    status_event_id bytea, -- the event of its last change of status, and when that was
    status_changed bigint,
    body text collate "C" not null,
    written_by text collate "C" not null
);

create table work_queue (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    work_pool_id bytea not null,
    name text collate "C" not null,
    priority bigint not null,
    status text collate "C" not null,
    is_paused bigint not null,
    slots bigint,
    last_polled bigint,
    body text collate "C" not null,
    written_by text collate "C" not null
);
create unique index work_queue_name on work_queue (work_pool_id, name);
create index work_queue_sorted on work_queue (name);
create index work_queue_polled on work_queue (last_polled) where status = 'READY';

create table worker (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    work_pool_id bytea not null,
    name text collate "C" not null,
    status text collate "C" not null,
    last_heartbeat bigint not null,
    heartbeat_interval bigint,
    body text collate "C" not null,
    written_by text collate "C" not null
);
create unique index worker_name on worker (work_pool_id, name);
create index worker_heartbeat on worker (last_heartbeat) where status = 'ONLINE';

alter table flow_run add column work_queue_id bytea;
create index flow_run_work_queue on flow_run (work_queue_id, state_type, next_scheduled_start_time, number)
    where work_queue_id is not null;

-- Signs of life of running runs, by where they come from: heartbeats, or renewals of the lease of a deployment's slot.
create table sign_of_life (
    run_id bytea not null,
    source text collate "C" not null,
    seen bigint not null, -- by this server's clock
    told bigint not null, -- by the clock of whoever gave it
    gap bigint, -- between the last two, by that clock
    gap_before bigint,
    primary key (run_id, source)
);
create index sign_of_life_seen on sign_of_life (seen);

-- When a service passed last, and since when it passes without a long break: nothing counts as overdue sooner.
create table service_round (
    name text collate "C" primary key,
    passed bigint not null,
    awake bigint not null
);
