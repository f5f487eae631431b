-- Artifacts of runs, and for each key which one is the latest. `body` is the answer's JSON, without its closing brace.

create table artifact (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    key text collate "C",
    type text collate "C",
    flow_run_id bytea,
    task_run_id bytea,
    created bigint not null,
    updated bigint not null,
    body text collate "C" not null,
    written_by text collate "C" not null
);
create index artifact_key on artifact (key, created) where key is not null;
create index artifact_flow_run on artifact (flow_run_id) where flow_run_id is not null;
create index artifact_task_run on artifact (task_run_id) where task_run_id is not null;
create index artifact_created on artifact (created, number);
create index artifact_updated on artifact (updated, number);

create table artifact_collection (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    key text collate "C" not null unique,
    latest_id bytea not null unique,
    created bigint not null,
    updated bigint not null,
    written_by text collate "C" not null
);
