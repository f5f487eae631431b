-- Limits that can be switched off, and such whose slots come back by themselves; and who waits for slots.

alter table concurrency_limit add column active integer not null default 1;
alter table concurrency_limit add column decay text not null default '0.0'; -- slots that come back a second
alter table concurrency_limit add column level integer not null default 0; -- millionths of slots that had not come back
alter table concurrency_limit add column level_at integer not null default 0; -- at this time
alter table concurrency_limit add column occupancy integer not null default 2000000; -- for so long a slot is held
alter table concurrency_slot add column poured integer not null default 0; -- slots that count in the limit's level

create table concurrency_waiter (
    limit_id blob not null,
    waiter_id blob not null,
    place text not null, -- by this its place is found again
    slots integer not null,
    since integer not null,
    until integer not null, -- so long the place is kept
    held integer not null, -- whether a request waits at a server now
    primary key (limit_id, waiter_id)
) without rowid;
create index concurrency_waiter_order on concurrency_waiter (limit_id, since, waiter_id);
create index concurrency_waiter_place on concurrency_waiter (place);
create index concurrency_waiter_waiter on concurrency_waiter (waiter_id);
