-- read
-- The catch-up policies of some deployments, by their schedules' slugs.
select deployment_id, slug, policy, settled from catch_up
where deployment_id {any_id deployments} order by deployment_id, slug;

-- put
-- Gives a schedule a policy, by its slug.
insert into catch_up (deployment_id, slug, policy, settled) values (:deployment_id, :slug, :policy, :settled)
on conflict (deployment_id, slug) do update set policy = excluded.policy, settled = excluded.settled;

-- delete
-- Takes a schedule's policy away.
delete from catch_up where deployment_id = :deployment_id and slug = :slug;

-- delete_all
-- Takes the policies of a deployment's schedules away.
delete from catch_up where deployment_id = :deployment_id;

-- settle
-- Notes that a schedule's times up to one are settled, unless they are by now.
update catch_up set settled = :settled
where deployment_id = :deployment_id and slug = :slug and settled < :settled returning slug;

-- unsettled
-- The deployments behind an id with a schedule that may have missed times: it is active, and none of its times ahead is settled.
select id from deployment
where id > :behind and paused = 0 and exists (
    select 1 from catch_up join deployment_schedule on deployment_schedule.deployment_id = catch_up.deployment_id
        and deployment_schedule.slug = catch_up.slug
    where catch_up.deployment_id = deployment.id and catch_up.settled < :now and deployment_schedule.active = 1
)
order by id limit :most;

-- leaving_out
-- The deployments behind an id that have a schedule with a policy other than to run all.
select distinct deployment_id from catch_up
where deployment_id > :behind and policy <> 'run-all' order by deployment_id limit :most;

-- waiting
-- The runs of such schedules of some deployments that are due and wait for a worker, those first that are due last.
select flow_run.deployment_id, catch_up.slug, catch_up.policy, flow_run.id, flow_run.next_scheduled_start_time, flow_run.body || '}'
from flow_run join catch_up on catch_up.deployment_id = flow_run.deployment_id and catch_up.slug = {created_by display_value}
where catch_up.policy <> 'run-all' and flow_run.deployment_id is not null and flow_run.deployment_id {any_id deployments}
    and flow_run.state_type = 'SCHEDULED' and flow_run.state_name in ('Scheduled', 'Late')
    and flow_run.next_scheduled_start_time <= :now
order by flow_run.next_scheduled_start_time desc, flow_run.number limit :most;

-- last_planned
-- When the last of the scheduled runs is due whose keys begin in a way, as those of one schedule do.
select max(next_scheduled_start_time) from flow_run
where deployment_id = :deployment_id and state_type = 'SCHEDULED' and substr(idempotency_key, 1, :length) = :beginning;
