-- insert_flow_run_state
-- Adds a state to a flow run's history.
insert into flow_run_state (id, run_id, type, name, timestamp, body, written_by)
values (:id, :run_id, :type, :name, :timestamp, :body, :by);

-- insert_task_run_state
-- Adds a state to a task run's history.
insert into task_run_state (id, run_id, type, name, timestamp, body, written_by)
values (:id, :run_id, :type, :name, :timestamp, :body, :by);

-- record_task_run_state
-- Adds a state to a task run's history, unless it is there.
insert into task_run_state (id, run_id, type, name, timestamp, body, written_by)
values (:id, :run_id, :type, :name, :timestamp, :body, :by)
on conflict (id) do nothing;

-- read_flow_run_state
-- A state of a flow run.
select body from flow_run_state where id = :id;

-- read_task_run_state
-- A state of a task run.
select body from task_run_state where id = :id;

-- read_flow_run_states
-- A flow run's states, oldest first.
select body from flow_run_state where run_id = :run_id order by timestamp, id;

-- read_task_run_states
-- A task run's states, oldest first.
select body from task_run_state where run_id = :run_id order by timestamp, id;
