-- insert
-- Adds a variable, unless its name is taken.
insert into variable (id, name, tags, created, updated, body, written_by)
values (:id, :name, :tags, :created, :updated, :body, :by)
on conflict (name) do nothing returning id;

-- read_text
-- A variable's JSON.
select body || '}' from variable where id = :id;

-- read_text_by_name
-- The JSON of the variable with this name.
select body || '}' from variable where name = :name;

-- read_texts_by_name
-- The JSON of the variables with these names.
select body || '}' from variable where name {any names};

-- read_to_change
-- A variable's JSON, before it is changed or removed.
select body || '}' from variable where id = :id {lock};

-- read_to_change_by_name
-- The JSON of the variable with this name, before it is changed or removed.
select body || '}' from variable where name = :name {lock};

-- holder
-- The variable that has a name.
select id from variable where name = :name;

-- update
-- Changes a variable.
update variable set name = :name, tags = :tags, updated = :updated, body = :body, written_by = :by
where id = :id returning id;

-- delete
-- Removes a variable.
delete from variable where id = :id returning id;
