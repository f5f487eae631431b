-- Task runs that wait for a task worker, and the workers that are there. A row stands as long as its run is SCHEDULED and
-- deferred; `connection` is the socket that it was sent to, which has it until `until`.

create table deferred_run (
    number bigint generated always as identity primary key,
    run_id bytea not null unique,
    task_key text collate "C" not null,
    connection bytea,
    acknowledged bigint not null default 0,
    until bigint
);
create index deferred_run_key on deferred_run (task_key, number);
create index deferred_run_connection on deferred_run (connection) where connection is not null;

create function keep_deferred() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        delete from deferred_run where run_id = old.id;
        return null;
    end if;
    if new.state_type is distinct from 'SCHEDULED' then
        delete from deferred_run where run_id = new.id;
    elsif cast(new.body || '}' as json) #>> '{state,state_details,deferred}' = 'true' then
        insert into deferred_run (run_id, task_key) values (new.id, cast(new.body || '}' as json) ->> 'task_key')
        on conflict do nothing;
    end if;
    return null;
end $$;
create trigger task_run_made_deferred after insert on task_run
    for each row when (new.state_type = 'SCHEDULED') execute function keep_deferred();
create trigger task_run_deferred after update of state_type on task_run
    for each row when (
        (new.state_type = 'SCHEDULED' or old.state_type = 'SCHEDULED') and new.state_type is distinct from old.state_type
    ) execute function keep_deferred();
create trigger task_run_deferred_no_more after delete on task_run
    for each row when (old.state_type = 'SCHEDULED') execute function keep_deferred();

create table task_worker (
    connection bytea primary key,
    identifier text collate "C" not null,
    task_keys text collate "C" not null,
    seen bigint not null
);
