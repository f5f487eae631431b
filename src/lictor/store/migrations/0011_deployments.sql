-- Deployments and their schedules. The body of a deployment ends before what others say of it: its schedules, limit,
-- queue and pool, and when its runs were last asked for.

create table deployment (
    number integer primary key,
    id blob not null unique,
    flow_id blob not null,
    name text not null,
    paused integer not null,
    tags text not null,
    work_queue_id blob,
    work_queue_name text,
    concurrency_limit_id blob,
    status text not null,
    last_polled integer,
    created integer not null,
    updated integer not null,
    body text not null,
    written_by text not null
);
create unique index deployment_flow on deployment (flow_id, name);
create index deployment_name on deployment (name);
create index deployment_created on deployment (created);
create index deployment_updated on deployment (updated);
create index deployment_work_queue on deployment (work_queue_id) where work_queue_id is not null;
create index deployment_limit on deployment (concurrency_limit_id) where concurrency_limit_id is not null;
create index deployment_polled on deployment (last_polled) where status = 'READY';

create table deployment_schedule (
    number integer primary key,
    id blob not null unique,
    deployment_id blob not null,
    slug text,
    active integer not null,
    updated integer not null,
    body text not null,
    written_by text not null
);
create unique index deployment_schedule_slug on deployment_schedule (deployment_id, slug) where slug is not null;
create index deployment_schedule_deployment on deployment_schedule (deployment_id, updated);
create index deployment_schedule_updated on deployment_schedule (updated);

create index flow_run_scheduled on flow_run (deployment_id, next_scheduled_start_time)
    where state_type = 'SCHEDULED' and deployment_id is not null;
