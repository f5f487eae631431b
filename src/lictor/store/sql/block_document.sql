-- insert
-- Adds a block document, unless its name is taken.
insert into block_document (
    id, block_type_id, block_schema_id, block_type_name, name, is_anonymous, key, sealed, version, created, updated,
    written_by
) values (
    :id, :block_type_id, :block_schema_id, :block_type_name, :name, :is_anonymous, :key, :sealed, 1, :now, :now, :by
) on conflict (block_type_id, name) do nothing returning id;

-- read
-- Some block documents, each with its schema and type.
select
    block_document.id, block_document.name, is_anonymous, sealed, block_document.created, block_document.updated,
    block_schema.body || ',"block_type":' || block_type.body || '}}', block_type_name
from block_document
join block_schema on block_schema.id = block_document.block_schema_id
join block_type on block_type.id = block_document.block_type_id
where block_document.id {any_id ids};

-- read_by_name
-- The id of the block document with a name, of the type with a slug.
select block_document.id from block_document join block_type on block_type.id = block_document.block_type_id
where slug = :slug and block_document.name = :name;

-- read_of_type
-- The ids of the documents of a block type that are not anonymous, by name.
select id from block_document where block_type_id = :block_type_id and is_anonymous = 0 order by name, number;

-- read_to_change
-- What a change of a block document builds on.
select block_document.version, sealed, block_document.block_type_id, block_schema_id, block_schema.body || '}'
from block_document join block_schema on block_schema.id = block_document.block_schema_id
where block_document.id = :id;

-- keep
-- Whether a block document is there, which then stays until this transaction ends.
select 1 from block_document where id = :id {keep};

-- update
-- Changes a block document, unless somebody else changed it since it was read.
update block_document set
    block_schema_id = :block_schema_id, key = :key, sealed = :sealed, version = version + 1, updated = :now,
    written_by = :by
where id = :id and version = :version returning id;

-- delete
-- Removes a block document.
delete from block_document where id = :id returning id;

-- delete_of_type
-- Removes the documents of a block type.
delete from block_document where block_type_id = :block_type_id;

-- delete_of_schema
-- Removes the documents of a block schema.
delete from block_document where block_schema_id = :block_schema_id;

-- add_reference
-- Notes that a document refers to another under a name.
insert into block_document_reference (parent_id, name, reference_id) values (:parent_id, :name, :reference_id);

-- delete_references
-- Forgets what a document refers to.
delete from block_document_reference where parent_id = :parent_id;

-- forget_lost
-- Forgets the references of and to documents that are gone.
delete from block_document_reference
where parent_id not in (select id from block_document) or reference_id not in (select id from block_document);

-- forget
-- Forgets the references of and to a document.
delete from block_document_reference where parent_id = :id or reference_id = :id;

-- read_references
-- What some documents refer to, and these in turn.
with recursive tree (parent_id, name, reference_id) as (
    select parent_id, name, reference_id from block_document_reference where parent_id {any_id ids}
    union
    select below.parent_id, below.name, below.reference_id
    from block_document_reference as below join tree on below.parent_id = tree.reference_id
)
select parent_id, name, reference_id from tree order by parent_id, name;

-- read_keys
-- The keys that documents are sealed with, and how many documents each.
select key, count(*) from block_document group by key order by key;

-- read_some_of_other_keys
-- Some documents that are sealed with another key than one, behind a place in the order of all.
select number, id, sealed, version from block_document where key <> :key and number > :after order by number limit :limit;

-- reseal
-- Keeps the same values of a document sealed with another key, unless somebody changed it since it was read.
update block_document set key = :key, sealed = :sealed, version = version + 1 where id = :id and version = :version;
