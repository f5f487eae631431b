-- Task runs that wait for a task worker, and the workers that are there. A row stands as long as its run is SCHEDULED and
-- deferred; `connection` is the socket that it was sent to, which has it until `until`.

create table deferred_run (
    number integer primary key,
    run_id blob not null unique,
    task_key text not null,
    connection blob,
    acknowledged integer not null default 0,
    until integer
);
create index deferred_run_key on deferred_run (task_key, number);
create index deferred_run_connection on deferred_run (connection) where connection is not null;

create trigger task_run_made_deferred after insert on task_run
when case when new.state_type = 'SCHEDULED'
    then json_extract(new.body || '}', '$.state.state_details.deferred') = 1 else 0 end begin
    insert or ignore into deferred_run (run_id, task_key) values (new.id, json_extract(new.body || '}', '$.task_key'));
end;
create trigger task_run_deferred after update of state_type on task_run
when case when new.state_type = 'SCHEDULED' and old.state_type is not 'SCHEDULED'
    then json_extract(new.body || '}', '$.state.state_details.deferred') = 1 else 0 end begin
    insert or ignore into deferred_run (run_id, task_key) values (new.id, json_extract(new.body || '}', '$.task_key'));
end;
create trigger task_run_begun after update of state_type on task_run
when old.state_type = 'SCHEDULED' and new.state_type is not 'SCHEDULED' begin
    delete from deferred_run where run_id = old.id;
end;
create trigger task_run_deferred_no_more after delete on task_run when old.state_type = 'SCHEDULED' begin
    delete from deferred_run where run_id = old.id;
end;

create table task_worker (
    connection blob primary key,
    identifier text not null,
    task_keys text not null,
    seen integer not null
) without rowid;
