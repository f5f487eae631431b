-- next_runs
-- The scheduled runs of some flows, each flow's next one first.
select id, flow_id, name, state_name, state_type, next_scheduled_start_time from flow_run
where flow_id {any_id flows} and state_type = 'SCHEDULED' and next_scheduled_start_time = (
    select min(next_scheduled_start_time) from flow_run as own
    where own.flow_id = flow_run.flow_id and own.state_type = 'SCHEDULED'
)
order by id desc;

-- count_deployments
-- How many deployments some flows have.
select flow_id, count(*) from deployment where flow_id {any_id flows} group by flow_id;

-- count_task_runs
-- How many task runs some flow runs have, those not counted that stand for subflow runs.
select flow_run_id, count(*) from task_run
where flow_run_id {any_id runs} and not exists (
    select 1 from flow_run as child where child.parent_task_run_id = task_run.id
)
group by flow_run_id;

-- read_flow_run_name
-- The name of a task run's flow run.
select flow_run.name from task_run join flow_run on flow_run.id = task_run.flow_run_id where task_run.id = :id;
