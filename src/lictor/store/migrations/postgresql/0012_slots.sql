-- Limits that can be switched off, and such whose slots come back by themselves; and who waits for slots.

alter table concurrency_limit add column active bigint not null default 1;
alter table concurrency_limit add column decay text collate "C" not null default '0.0'; -- slots that come back a second
alter table concurrency_limit add column level bigint not null default 0; -- millionths of slots that had not come back
alter table concurrency_limit add column level_at bigint not null default 0; -- at this time
alter table concurrency_limit add column occupancy bigint not null default 2000000; -- for so long a slot is held
alter table concurrency_slot add column poured bigint not null default 0; -- slots that count in the limit's level

create table concurrency_waiter (
    limit_id bytea not null,
    waiter_id bytea not null,
    place text collate "C" not null, -- by this its place is found again
    slots bigint not null,
    since bigint not null,
    until bigint not null, -- so long the place is kept
    held bigint not null, -- whether a request waits at a server now
    primary key (limit_id, waiter_id)
);
create index concurrency_waiter_order on concurrency_waiter (limit_id, since, waiter_id);
create index concurrency_waiter_place on concurrency_waiter (place);
create index concurrency_waiter_waiter on concurrency_waiter (waiter_id);
