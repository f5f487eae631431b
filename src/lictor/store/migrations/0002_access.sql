-- CSRF tokens and the sign-ins of browsers. Tokens are kept as digests: what is read here opens nothing.

create table csrf_token (
    client text primary key,
    id blob not null,
    created integer not null,
    updated integer not null,
    digest blob not null,
    expires integer not null
) without rowid;
create index csrf_token_expires on csrf_token (expires);

create table session (
    digest blob primary key,
    seal blob not null, -- made of the token and the auth string that opened it: it ends with either
    name text not null,
    created integer not null,
    used integer not null
) without rowid;
create index session_created on session (created);
