-- Inputs of flow runs: texts under keys, given to a run while it goes on. `body` is the answer's JSON.

create table flow_run_input (
    flow_run_id blob not null,
    key text not null,
    id blob not null,
    created integer not null,
    body text not null,
    written_by text not null,
    primary key (flow_run_id, key)
) without rowid;
