-- insert
-- Adds an input, unless its key is taken.
insert into flow_run_input (flow_run_id, key, id, created, body, written_by)
values (:flow_run_id, :key, :id, :created, :body, :by)
on conflict (flow_run_id, key) do nothing returning id;

-- read
-- A run's input with a key.
select body from flow_run_input where flow_run_id = :flow_run_id and key = :key;

-- texts
-- A run's inputs whose keys start with a text, save some, oldest first.
select body from flow_run_input
where flow_run_id = :flow_run_id and key >= :prefix and key < :prefix || {last} and key not {any excluded}
order by created, id limit :limit;

-- delete
-- Removes an input.
delete from flow_run_input where flow_run_id = :flow_run_id and key = :key returning id;
