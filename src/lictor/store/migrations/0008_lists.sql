-- Lists of a time: what they filter by stands in the index of the time, so that a row is read only where it fits.

drop index flow_run_expected;
create index flow_run_expected on flow_run (expected_start_time, number, state_type, name, id);

drop index task_run_next;
create index task_run_next on task_run (next_scheduled_start_time) where next_scheduled_start_time is not null;
create index task_run_start on task_run (start_time, state_type);
