-- Log lines lie in blocks: the lines of one run that came in together. Each line that is there becomes a block.

drop index log_flow_run;
drop index log_task_run;
drop index log_timestamp;
alter table log rename to log_line;

create table log (
    position integer primary key autoincrement,
    id blob not null, -- of the first line; those of the others count on from it
    flow_run_id blob,
    task_run_id blob,
    received integer not null,
    first integer not null, -- the earliest of the lines' times, and so on
    last integer not null,
    lowest integer not null,
    highest integer not null,
    written_by text not null,
    lines text not null -- JSON: [[time, level, name, message], ...]
);
insert into log (position, id, flow_run_id, task_run_id, received, first, last, lowest, highest, written_by, lines)
select
    position, id_blob(json_extract(body, '$.id')), flow_run_id, task_run_id, timestamp, timestamp, timestamp, level, level,
    written_by,
    json_array(json_array(timestamp, level, json_extract(body, '$.name'), json_extract(body, '$.message')))
from log_line;
drop table log_line;

create index log_flow_run on log (flow_run_id, first) where flow_run_id is not null;
create index log_task_run on log (task_run_id, first) where task_run_id is not null;
create index log_first on log (first);
create index log_last on log (last);
