-- States whose name is not their type's own, as Late or AwaitingRetry: few runs have one at a time.

create index flow_run_state_name on flow_run (state_name, start_or_expected nulls first, number)
    where lower(state_name) <> lower(state_type);
create index task_run_state_name on task_run (state_name, expected_start_time nulls first, number)
    where lower(state_name) <> lower(state_type);

drop index flow_run_expected;
create index flow_run_expected on flow_run (expected_start_time nulls first, number)
    include (state_type, state_name, name, id);
