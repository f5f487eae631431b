-- Variables and saved searches, each by its name. `body` is the answer's JSON, without its closing brace.

create table variable (
    number integer primary key,
    id blob not null unique,
    name text not null unique,
    tags text not null,
    created integer not null,
    updated integer not null,
    body text not null,
    written_by text not null
);

create table saved_search (
    number integer primary key,
    id blob not null unique,
    name text not null unique,
    created integer not null,
    updated integer not null,
    body text not null,
    written_by text not null
);
