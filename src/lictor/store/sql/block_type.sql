-- insert
-- Adds a block type, unless its slug is taken.
insert into block_type (id, slug, name, is_protected, body, written_by)
values (:id, :slug, :name, :is_protected, :body, :by)
on conflict (slug) do nothing returning id;

-- read_text
-- A block type's JSON.
select body || '}' from block_type where id = :id {keep};

-- read_to_change
-- A block type's JSON, before it is changed.
select body || '}' from block_type where id = :id {lock};

-- read_text_by_slug
-- The JSON of the block type with a slug.
select body || '}' from block_type where slug = :slug;

-- read_all
-- The JSON of every block type.
select body || '}' from block_type order by number;

-- update
-- Changes a block type.
update block_type set is_protected = :is_protected, body = :body, written_by = :by where id = :id returning id;

-- delete
-- Removes a block type.
delete from block_type where id = :id returning id;

-- read_mark
-- The mark of the built-in types that were registered last.
select mark from block_catalogue;

-- forget_mark
-- Removes the mark.
delete from block_catalogue;

-- put_mark
-- Keeps the mark of the built-in types that are registered.
insert into block_catalogue (mark) values (:mark) on conflict (mark) do nothing;
