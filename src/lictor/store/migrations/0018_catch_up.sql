-- What becomes of the runs that a schedule misses, kept by the schedule's slug: a deployment that is applied again gets
-- new schedules. Of the times up to `settled` it is decided whether they have a run.

create table catch_up (
    number integer primary key,
    deployment_id blob not null,
    slug text not null,
    policy text not null,
    settled integer not null
);
create unique index catch_up_slug on catch_up (deployment_id, slug);
