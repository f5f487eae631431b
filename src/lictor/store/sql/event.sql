-- insert
-- Adds an event, unless it is there.
insert into event (id, occurred, received, name, resource_id, body, written_by)
values (:id, :occurred, :received, :name, :resource_id, :body, :by)
on conflict (id) do nothing;

-- first_since
-- The first position of the events that occurred since a moment.
select min(position) from event where occurred >= :since;
