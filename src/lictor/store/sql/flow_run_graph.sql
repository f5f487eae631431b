-- read_times
-- When a flow run started, or was to start, and when it ended.
select start_or_expected, end_time from flow_run where id = :id;

-- read_states
-- A flow run's states, oldest first.
select id, timestamp, type, name from flow_run_state where run_id = :id order by timestamp, id;

-- count_nodes
-- How many of a flow run's task runs have not ended before a moment, or that some.
select count(*) from (
    select 1 from task_run where flow_run_id = :id and (end_time is null or end_time >= :since) limit :most
) as found;

-- read_nodes
-- A flow run's task runs, each with the subflow run that stands in its place.
select
    task_run.id, task_run.name, task_run.state_type, coalesce(task_run.start_time, task_run.expected_start_time),
    task_run.expected_start_time, task_run.end_time, task_run.body, child.id, flow.name, child.name,
    child.state_type, child.start_or_expected, child.end_time
from task_run
left join flow_run as child on child.parent_task_run_id = task_run.id
left join flow on flow.id = child.flow_id
where task_run.flow_run_id = :id;

-- read_task_runs
-- The JSON of a flow run's task runs as it is at this moment, in the order they were to start.
select {live} from task_run where flow_run_id = :id order by expected_start_time, id limit :most;

-- read_artifacts
-- The artifacts that a flow run and its tasks made, save results, oldest first.
select
    artifact.task_run_id, artifact.id, artifact.created, artifact.key, artifact.type,
    artifact.key is null or exists (select 1 from artifact_collection where latest_id = artifact.id),
    artifact.body
from artifact where artifact.flow_run_id = :id and artifact.type <> 'result'
order by artifact.created, artifact.number limit :most;
