-- insert
-- Adds a flow, unless its name is taken.
insert into flow (id, name, tags, created, updated, body, written_by)
values (:id, :name, :tags, :created, :updated, :body, :by)
on conflict (name) do nothing returning id;

-- read_text
-- A flow's JSON.
select body || '}' from flow where id = :id {keep};

-- read_to_change
-- A flow's JSON, before it is changed.
select body || '}' from flow where id = :id {lock};

-- read_text_by_name
-- The JSON of the flow with this exact name.
select body || '}' from flow where name = :name;

-- update
-- Changes a flow.
update flow set tags = :tags, updated = :updated, body = :body, written_by = :by where id = :id returning id;

-- delete
-- Removes a flow.
delete from flow where id = :id returning id;

-- read_some_run
-- One of a flow's runs.
select id from flow_run where flow_id = :flow_id limit 1;
