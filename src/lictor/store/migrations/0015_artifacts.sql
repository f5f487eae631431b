-- Artifacts of runs, and for each key which one is the latest. `body` is the answer's JSON, without its closing brace.

create table artifact (
    number integer primary key,
    id blob not null unique,
    key text,
    type text,
    flow_run_id blob,
    task_run_id blob,
    created integer not null,
    updated integer not null,
    body text not null,
    written_by text not null
);
create index artifact_key on artifact (key, created) where key is not null;
create index artifact_flow_run on artifact (flow_run_id) where flow_run_id is not null;
create index artifact_task_run on artifact (task_run_id) where task_run_id is not null;
create index artifact_created on artifact (created);
create index artifact_updated on artifact (updated);

create table artifact_collection (
    number integer primary key,
    id blob not null unique,
    key text not null unique,
    latest_id blob not null unique,
    created integer not null,
    updated integer not null,
    written_by text not null
);
