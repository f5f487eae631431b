-- insert
-- Adds a saved search, unless its name is taken.
insert into saved_search (id, name, created, updated, body, written_by)
values (:id, :name, :created, :updated, :body, :by)
on conflict (name) do nothing returning id;

-- read_text
-- A saved search's JSON.
select body || '}' from saved_search where id = :id;

-- read_to_change
-- The JSON of the saved search with this name, before it is changed.
select body || '}' from saved_search where name = :name {lock};

-- update
-- Changes a saved search.
update saved_search set updated = :updated, body = :body, written_by = :by where id = :id returning id;

-- texts
-- A page of saved searches, by name.
select body || '}' from saved_search order by name limit :limit offset :offset;

-- delete
-- Removes a saved search.
delete from saved_search where id = :id returning id;
