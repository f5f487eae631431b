-- Variables and saved searches, each by its name. `body` is the answer's JSON, without its closing brace.

create table variable (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    name text collate "C" not null unique,
    tags text collate "C" not null,
    created bigint not null,
    updated bigint not null,
    body text collate "C" not null,
    written_by text collate "C" not null
);

create table saved_search (
    number bigint generated always as identity primary key,
    id bytea not null unique,
    name text collate "C" not null unique,
    created bigint not null,
    updated bigint not null,
    body text collate "C" not null,
    written_by text collate "C" not null
);
