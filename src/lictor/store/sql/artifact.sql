-- insert
-- Adds an artifact.
insert into artifact (id, key, type, flow_run_id, task_run_id, created, updated, body, written_by)
values (:id, :key, :type, :flow_run_id, :task_run_id, :created, :updated, :body, :by);

-- read_text
-- An artifact's JSON.
select body || '}' from artifact where id = :id;

-- read_to_change
-- An artifact's JSON, before it is changed or removed.
select body || '}' from artifact where id = :id {lock};

-- update
-- Changes an artifact.
update artifact set updated = :updated, body = :body, written_by = :by where id = :id returning id;

-- delete
-- Removes an artifact.
delete from artifact where id = :id returning id;

-- put_latest
-- Makes an artifact the latest of its key, the first one perhaps.
insert into artifact_collection (id, key, latest_id, created, updated, written_by)
values (:id, :key, :latest_id, :now, :now, :by)
on conflict (key) do update set
    latest_id = excluded.latest_id, updated = excluded.updated, written_by = excluded.written_by
returning id, created;

-- touch
-- Notes that the latest artifact of a key has changed.
update artifact_collection set updated = :updated, written_by = :by where latest_id = :latest_id;

-- read_latest
-- The latest artifact of a key.
select artifact_collection.id, artifact_collection.created, artifact_collection.updated, artifact.body || '}'
from artifact_collection join artifact on artifact.id = artifact_collection.latest_id
where artifact_collection.key = :key;

-- lock_latest
-- Which artifact is the latest of a key, until this transaction ends.
select id, latest_id from artifact_collection where key = :key {lock};

-- newest
-- The newest artifact of a key.
select body || '}' from artifact where key = :key order by created desc, number desc limit 1;

-- move_latest
-- Makes an older artifact the latest of its key.
update artifact_collection
set latest_id = :latest_id, created = :created, updated = :updated, written_by = :by where id = :id;

-- delete_latest
-- Forgets a key of which there is no artifact any more.
delete from artifact_collection where id = :id;
