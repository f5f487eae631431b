-- Work pools, their queues and their workers. The bodies end before what changes by itself: of a pool the slots that are
-- taken, of a queue also its status and when it was last asked for work, of a worker its status and last sign of life.

create table work_pool (
    number integer primary key,
    id blob not null unique,
    name text not null unique,
    type text not null,
    status text, -- none where the pool is for agents
    is_paused integer not null,
    slots integer,
    default_queue_id blob,
    status_event_id blob, -- the event of its last change of status, and when that was
    status_changed integer,
    body text not null,
    written_by text not null
);

create table work_queue (
    number integer primary key,
    id blob not null unique,
    work_pool_id blob not null,
    name text not null,
    priority integer not null,
    status text not null,
    is_paused integer not null,
    slots integer,
    last_polled integer,
    body text not null,
    written_by text not null
);
create unique index work_queue_name on work_queue (work_pool_id, name);
create index work_queue_sorted on work_queue (name);
create index work_queue_polled on work_queue (last_polled) where status = 'READY';

create table worker (
    number integer primary key,
    id blob not null unique,
    work_pool_id blob not null,
    name text not null,
    status text not null,
    last_heartbeat integer not null,
    heartbeat_interval integer,
    body text not null,
    written_by text not null
);
create unique index worker_name on worker (work_pool_id, name);
create index worker_heartbeat on worker (last_heartbeat) where status = 'ONLINE';

alter table flow_run add column work_queue_id blob;
create index flow_run_work_queue on flow_run (work_queue_id, state_type, next_scheduled_start_time)
    where work_queue_id is not null;

-- Signs of life of running runs, by where they come from: heartbeats, or renewals of the lease of a deployment's slot.
create table sign_of_life (
    run_id blob not null,
    source text not null,
    seen integer not null, -- by this server's clock
    told integer not null, -- by the clock of whoever gave it
    gap integer, -- between the last two, by that clock
    gap_before integer,
    primary key (run_id, source)
) without rowid;
create index sign_of_life_seen on sign_of_life (seen);

-- When a service passed last, and since when it passes without a long break: nothing counts as overdue sooner.
create table service_round (
    name text primary key,
    passed integer not null,
    awake integer not null
) without rowid;
