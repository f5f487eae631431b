-- All that the SQLite migrations up to this number make. Texts sort by their characters' numbers, whatever the
-- database's own order; what sorts lists puts nulls first and breaks ties by number, so that one index does both ways.
-- `xid` is the transaction that wrote a row: who follows rows as they are committed goes by it (`store/cursor.py`).

create function packed_ids(bytea) returns bytea[] language sql immutable strict parallel safe as
$$ select array(select substr($1, 16 * n + 1, 16) from generate_series(0, length($1) / 16 - 1) as n) $$;

create function keep_tags() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        execute format('delete from %I where run_id = $1 and tag in (select json_array_elements_text($2))', tg_argv[0])
            using old.id, cast(old.tags as json);
    end if;
    if tg_op <> 'DELETE' then
        execute format(
            'insert into %I (tag, run_id) select json_array_elements_text($2), $1 on conflict do nothing', tg_argv[0]
        ) using new.id, cast(new.tags as json);
    end if;
    return null;
end $$;

create table flow (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    name text collate "C" not null unique,
    tags text collate "C" not null,
    created bigint not null,
    updated bigint not null,
    body text collate "C" not null,
    written_by text collate "C" not null
);
create index flow_created on flow (created, number);
create index flow_updated on flow (updated, number);

create table flow_run (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    flow_id bytea not null,
    name text collate "C" not null,
    state_type text collate "C",
    state_name text collate "C",
    state_timestamp bigint,
    deployment_id bytea,
    work_queue_name text collate "C",
    flow_version text collate "C",
    idempotency_key text collate "C",
    parent_task_run_id bytea,
    expected_start_time bigint,
    next_scheduled_start_time bigint,
    start_time bigint,
    start_or_expected bigint,
    end_time bigint,
    total_run_time bigint not null,
    tags text collate "C" not null,
    version bigint not null,
    body text collate "C" not null,
    written_by text collate "C" not null
);
create unique index flow_run_idempotency on flow_run (flow_id, idempotency_key) where idempotency_key is not null;
create index flow_run_flow on flow_run (flow_id, start_or_expected);
create index flow_run_deployment on flow_run (deployment_id, start_or_expected) where deployment_id is not null;
create index flow_run_parent on flow_run (parent_task_run_id) where parent_task_run_id is not null;
create index flow_run_state_type on flow_run (state_type, start_or_expected nulls first, number);
create index flow_run_start on flow_run (start_or_expected nulls first, number);
create index flow_run_expected on flow_run (expected_start_time nulls first, number);
create index flow_run_next on flow_run (next_scheduled_start_time nulls first, number);
create index flow_run_end on flow_run (end_time nulls first, number);
create index flow_run_name on flow_run (name, number);

create table flow_run_tag (
    tag text collate "C" not null,
    run_id bytea not null,
    primary key (tag, run_id)
);
create trigger flow_run_tagged after insert on flow_run
    for each row when (new.tags <> '[]') execute function keep_tags('flow_run_tag');
create trigger flow_run_retagged after update of tags on flow_run
    for each row when (new.tags <> old.tags) execute function keep_tags('flow_run_tag');
create trigger flow_run_untagged after delete on flow_run
    for each row when (old.tags <> '[]') execute function keep_tags('flow_run_tag');

create table flow_run_state (
    run_id bytea not null,
    timestamp bigint not null,
    id bytea not null unique,
    type text collate "C" not null,
    name text collate "C",
    body text collate "C" not null,
    written_by text collate "C" not null,
    primary key (run_id, timestamp, id)
);

create table task_run (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    key bytea not null unique,
    flow_run_id bytea,
    name text collate "C" not null,
    state_id bytea,
    state_type text collate "C",
    state_name text collate "C",
    state_timestamp bigint,
    expected_start_time bigint,
    next_scheduled_start_time bigint,
    start_time bigint,
    end_time bigint,
    total_run_time bigint not null,
    tags text collate "C" not null,
    created bigint not null,
    version bigint not null,
    body text collate "C" not null,
    written_by text collate "C" not null
);
create index task_run_flow_run on task_run (flow_run_id, expected_start_time nulls first, number);
create index task_run_state_type on task_run (state_type, expected_start_time nulls first, number);
create index task_run_expected on task_run (expected_start_time nulls first, number);
create index task_run_next on task_run (next_scheduled_start_time nulls first, number);
create index task_run_end on task_run (end_time nulls first, number);
create index task_run_name on task_run (name, number);
create index task_run_duration on task_run (total_run_time, number);

create table task_run_tag (
    tag text collate "C" not null,
    run_id bytea not null,
    primary key (tag, run_id)
);
create trigger task_run_tagged after insert on task_run
    for each row when (new.tags <> '[]') execute function keep_tags('task_run_tag');
create trigger task_run_retagged after update of tags on task_run
    for each row when (new.tags <> old.tags) execute function keep_tags('task_run_tag');
create trigger task_run_untagged after delete on task_run
    for each row when (old.tags <> '[]') execute function keep_tags('task_run_tag');

create table task_run_state (
    run_id bytea not null,
    timestamp bigint not null,
    id bytea not null unique,
    type text collate "C" not null,
    name text collate "C",
    body text collate "C" not null,
    written_by text collate "C" not null,
    primary key (run_id, timestamp, id)
);

create table event (
    position bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    id bytea not null unique,
    occurred bigint not null,
    received bigint not null,
    name text collate "C" not null,
    resource_id text collate "C" not null,
    body text collate "C" not null,
    written_by text collate "C" not null
);
create index event_xid on event (xid);
create index event_occurred on event (occurred, position);
create index event_name on event (name, occurred);
create index event_resource on event (resource_id, occurred);

create table log (
    position bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    id bytea not null,
    flow_run_id bytea,
    task_run_id bytea,
    received bigint not null,
    first bigint not null,
    last bigint not null,
    lowest bigint not null,
    highest bigint not null,
    written_by text collate "C" not null,
    lines text collate "C" not null
);
create index log_xid on log (xid);
create index log_flow_run on log (flow_run_id, first) where flow_run_id is not null;
create index log_task_run on log (task_run_id, first) where task_run_id is not null;
create index log_first on log (first, position);
create index log_last on log (last, position);

create table csrf_token (
    client text collate "C" primary key,
    id bytea not null,
    created bigint not null,
    updated bigint not null,
    digest bytea not null,
    expires bigint not null
);
create index csrf_token_expires on csrf_token (expires);

create table session (
    digest bytea primary key,
    seal bytea not null,
    name text collate "C" not null,
    created bigint not null,
    used bigint not null
);
create index session_created on session (created);
