-- give
-- Notes a sign of life, unless it is older than the last one.
insert into sign_of_life (run_id, source, seen, told) values (:run_id, :source, :seen, :told)
on conflict (run_id, source) do update set
    seen = excluded.seen, told = excluded.told, gap_before = sign_of_life.gap, gap = excluded.told - sign_of_life.told
where excluded.told > sign_of_life.told;

-- of_run
-- The signs of life of a run.
select source, seen, gap, gap_before from sign_of_life where run_id = :run_id order by source;

-- overdue
-- Running runs after one, in the order of their ids, with a sign of life that may be overdue by now.
select distinct run_id from sign_of_life join flow_run on flow_run.id = run_id
where run_id > :after and seen < :before and flow_run.state_type = 'RUNNING'
order by run_id limit :most;

-- forget
-- Removes some old signs of life of runs that have ended or are gone.
delete from sign_of_life where run_id in (
    select run_id from sign_of_life left join flow_run on flow_run.id = run_id
    where seen < :before and (flow_run.id is null or flow_run.state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'))
    limit :most
) returning 1;

-- crashed
-- Which of some runs count as crashed.
select id from flow_run where id {any_id ids} and state_type = 'CRASHED';

-- read_round
-- When a service passed last, and since when without a long break.
select passed, awake from service_round where name = :name {lock};

-- save_round
-- Notes that a service passes.
insert into service_round (name, passed, awake) values (:name, :passed, :awake)
on conflict (name) do update set passed = excluded.passed, awake = excluded.awake;
