-- insert
-- Adds a block schema, unless there is one with this checksum and version.
insert into block_schema (id, block_type_id, checksum, version, capabilities, created, body, written_by)
values (:id, :block_type_id, :checksum, :version, :capabilities, :created, :body, :by)
on conflict (checksum, version) do nothing returning id;

-- read_text
-- A block schema's JSON, with its type.
select block_schema.body || ',"block_type":' || block_type.body || '}}'
from block_schema join block_type on block_type.id = block_schema.block_type_id
where block_schema.id = :id;

-- read_text_by_checksum
-- The JSON of the newest block schema with a checksum, and a version if one is given.
select block_schema.body || ',"block_type":' || block_type.body || '}}'
from block_schema join block_type on block_type.id = block_schema.block_type_id
where checksum = :checksum and (cast(:version as text) is null or version = :version)
order by created desc, block_schema.number desc limit 1;

-- read_all
-- Checksum and version of every block schema.
select checksum, version from block_schema;

-- keep
-- A block schema without its type, which then stays until this transaction ends.
select body || '}' from block_schema where id = :id {keep};

-- delete
-- Removes a block schema.
delete from block_schema where id = :id returning id;

-- delete_of_type
-- Removes the schemas of a block type.
delete from block_schema where block_type_id = :block_type_id;

-- read_capabilities
-- The lists of capabilities that schemas have.
select distinct capabilities from block_schema order by capabilities;
