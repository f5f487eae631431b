-- Blocks: types, the schemas of their fields, and documents, whose values are sealed with a key outside of the database.

create table block_type (
    number integer primary key,
    id blob not null unique,
    slug text not null unique,
    name text not null,
    is_protected integer not null,
    body text not null,
    written_by text not null
);
create index block_type_name on block_type (name);

create table block_schema (
    number integer primary key,
    id blob not null unique,
    block_type_id blob not null,
    checksum text not null,
    version text not null,
    capabilities text not null, -- a JSON list
    created integer not null,
    body text not null,
    written_by text not null,
    unique (checksum, version)
);
create index block_schema_type on block_schema (block_type_id);
create index block_schema_created on block_schema (created);

create table block_document (
    number integer primary key,
    id blob not null unique,
    block_type_id blob not null,
    block_schema_id blob not null,
    block_type_name text not null,
    name text not null,
    is_anonymous integer not null,
    key text not null, -- which key the values are sealed with
    sealed text not null,
    version integer not null,
    created integer not null,
    updated integer not null,
    written_by text not null,
    unique (block_type_id, name)
);
create index block_document_schema on block_document (block_schema_id);
create index block_document_name on block_document (name);
create index block_document_key on block_document (key);

create table block_document_reference (
    parent_id blob not null,
    name text not null,
    reference_id blob not null,
    primary key (parent_id, name)
) without rowid;
create index block_document_reference_to on block_document_reference (reference_id);

create table block_catalogue (
    mark text not null primary key -- of the built-in types that were registered last
);
