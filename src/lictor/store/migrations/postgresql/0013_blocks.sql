-- Blocks: types, the schemas of their fields, and documents, whose values are sealed with a key outside of the database.

create table block_type (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    slug text collate "C" not null unique,
    name text collate "C" not null,
    is_protected bigint not null,
    body text collate "C" not null,
    written_by text collate "C" not null
);
create index block_type_name on block_type (name);

create table block_schema (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    block_type_id bytea not null,
    checksum text collate "C" not null,
    version text collate "C" not null,
    capabilities text collate "C" not null, -- a JSON list
    created bigint not null,
    body text collate "C" not null,
    written_by text collate "C" not null,
    unique (checksum, version)
);
create index block_schema_type on block_schema (block_type_id);
create index block_schema_created on block_schema (created);

create table block_document (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    block_type_id bytea not null,
    block_schema_id bytea not null,
    block_type_name text collate "C" not null,
    name text collate "C" not null,
    is_anonymous bigint not null,
    key text collate "C" not null, -- which key the values are sealed with
    sealed text collate "C" not null,
    version bigint not null,
    created bigint not null,
    updated bigint not null,
    written_by text collate "C" not null,
    unique (block_type_id, name)
);
create index block_document_schema on block_document (block_schema_id);
create index block_document_name on block_document (name);
create index block_document_key on block_document (key);

create table block_document_reference (
    parent_id bytea not null,
    name text collate "C" not null,
    reference_id bytea not null,
    primary key (parent_id, name)
);
create index block_document_reference_to on block_document_reference (reference_id);

create table block_catalogue (
    mark text collate "C" not null primary key -- of the built-in types that were registered last
);
