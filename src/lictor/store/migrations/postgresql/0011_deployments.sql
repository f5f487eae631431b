-- Deployments and their schedules. The body of a deployment ends before what others say of it: its schedules, limit,
-- queue and pool, and when its runs were last asked for.

create table deployment (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    flow_id bytea not null,
    name text collate "C" not null,
    paused bigint not null,
    tags text collate "C" not null,
    work_queue_id bytea,
    work_queue_name text collate "C",
    concurrency_limit_id bytea,
    status text collate "C" not null,
    last_polled bigint,
    created bigint not null,
    updated bigint not null,
    body text collate "C" not null,
    written_by text collate "C" not null
);
create unique index deployment_flow on deployment (flow_id, name);
create index deployment_name on deployment (name);
create index deployment_created on deployment (created);
create index deployment_updated on deployment (updated);
create index deployment_work_queue on deployment (work_queue_id) where work_queue_id is not null;
create index deployment_limit on deployment (concurrency_limit_id) where concurrency_limit_id is not null;
create index deployment_polled on deployment (last_polled) where status = 'READY';

create table deployment_schedule (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    deployment_id bytea not null,
    slug text collate "C",
    active bigint not null,
    updated bigint not null,
    body text collate "C" not null,
    written_by text collate "C" not null
);
create unique index deployment_schedule_slug on deployment_schedule (deployment_id, slug) where slug is not null;
create index deployment_schedule_deployment on deployment_schedule (deployment_id, updated);
create index deployment_schedule_updated on deployment_schedule (updated);

create index flow_run_scheduled on flow_run (deployment_id, next_scheduled_start_time)
    where state_type = 'SCHEDULED' and deployment_id is not null;
