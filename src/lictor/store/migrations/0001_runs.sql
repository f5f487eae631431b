-- Flows, flow runs, task runs, their states, logs and events.
-- `body` is the answer's JSON: whole for states, logs and events, without its closing brace for the others, and for runs
-- without the two estimates that change by themselves. Times and durations are microseconds, ids are 16 bytes.

create table flow (
    number integer primary key,
    id blob not null unique,
    name text not null unique,
    tags text not null,
    created integer not null,
    updated integer not null,
    body text not null,
    written_by text not null
);
create index flow_created on flow (created);
create index flow_updated on flow (updated);

create table flow_run (
    number integer primary key,
    id blob not null unique,
    flow_id blob not null,
    name text not null,
    state_type text,
    state_name text,
    state_timestamp integer,
    deployment_id blob,
    work_queue_name text,
    flow_version text,
    idempotency_key text,
    parent_task_run_id blob,
    expected_start_time integer,
    next_scheduled_start_time integer,
    start_time integer,
    start_or_expected integer,
    end_time integer,
    total_run_time integer not null,
    tags text not null,
    version integer not null,
    body text not null,
    written_by text not null
);
create unique index flow_run_idempotency on flow_run (flow_id, idempotency_key) where idempotency_key is not null;
create index flow_run_flow on flow_run (flow_id, start_or_expected);
create index flow_run_deployment on flow_run (deployment_id, start_or_expected) where deployment_id is not null;
create index flow_run_parent on flow_run (parent_task_run_id) where parent_task_run_id is not null;
create index flow_run_state_type on flow_run (state_type, start_or_expected);
create index flow_run_start on flow_run (start_or_expected);
create index flow_run_expected on flow_run (expected_start_time);
create index flow_run_next on flow_run (next_scheduled_start_time);
create index flow_run_end on flow_run (end_time);
create index flow_run_name on flow_run (name);

create table flow_run_tag (
    tag text not null,
    run_id blob not null,
    primary key (tag, run_id)
) without rowid;
create trigger flow_run_tagged after insert on flow_run when new.tags <> '[]' begin
    insert or ignore into flow_run_tag (tag, run_id) select value, new.id from json_each(new.tags);
end;
create trigger flow_run_retagged after update of tags on flow_run when new.tags <> old.tags begin
    delete from flow_run_tag where run_id = old.id and tag in (select value from json_each(old.tags));
    insert or ignore into flow_run_tag (tag, run_id) select value, new.id from json_each(new.tags);
end;
create trigger flow_run_untagged after delete on flow_run when old.tags <> '[]' begin
    delete from flow_run_tag where run_id = old.id and tag in (select value from json_each(old.tags));
end;

create table flow_run_state (
    run_id blob not null,
    timestamp integer not null,
    id blob not null unique,
    type text not null,
    name text,
    body text not null,
    written_by text not null,
    primary key (run_id, timestamp, id)
) without rowid;

create table task_run (
    number integer primary key,
    id blob not null unique,
    key blob not null unique, -- a digest of flow run, task key and dynamic key
    flow_run_id blob,
    name text not null,
    state_id blob,
    state_type text,
    state_name text,
    state_timestamp integer,
    expected_start_time integer,
    next_scheduled_start_time integer,
    start_time integer,
    end_time integer,
    total_run_time integer not null,
    tags text not null,
    created integer not null,
    version integer not null,
    body text not null,
    written_by text not null
);
create index task_run_flow_run on task_run (flow_run_id, expected_start_time);
create index task_run_state_type on task_run (state_type, expected_start_time);
create index task_run_expected on task_run (expected_start_time);
create index task_run_next on task_run (next_scheduled_start_time);
create index task_run_end on task_run (end_time);
create index task_run_name on task_run (name);
create index task_run_duration on task_run (total_run_time);

create table task_run_tag (
    tag text not null,
    run_id blob not null,
    primary key (tag, run_id)
) without rowid;
create trigger task_run_tagged after insert on task_run when new.tags <> '[]' begin
    insert or ignore into task_run_tag (tag, run_id) select value, new.id from json_each(new.tags);
end;
create trigger task_run_retagged after update of tags on task_run when new.tags <> old.tags begin
    delete from task_run_tag where run_id = old.id and tag in (select value from json_each(old.tags));
    insert or ignore into task_run_tag (tag, run_id) select value, new.id from json_each(new.tags);
end;
create trigger task_run_untagged after delete on task_run when old.tags <> '[]' begin
    delete from task_run_tag where run_id = old.id and tag in (select value from json_each(old.tags));
end;

create table task_run_state (
    run_id blob not null,
    timestamp integer not null,
    id blob not null unique,
    type text not null,
    name text,
    body text not null,
    written_by text not null,
    primary key (run_id, timestamp, id)
) without rowid;

create table log (
    position integer primary key autoincrement,
    flow_run_id blob,
    task_run_id blob,
    level integer not null,
    timestamp integer not null,
    body text not null,
    written_by text not null
);
create index log_flow_run on log (flow_run_id, timestamp) where flow_run_id is not null;
create index log_task_run on log (task_run_id, timestamp) where task_run_id is not null;
create index log_timestamp on log (timestamp);

create table event (
    position integer primary key autoincrement,
    id blob not null unique,
    occurred integer not null,
    received integer not null,
    name text not null,
    resource_id text not null,
    body text not null,
    written_by text not null
);
create index event_occurred on event (occurred);
create index event_name on event (name, occurred);
create index event_resource on event (resource_id, occurred);
