-- Inputs of flow runs: texts under keys, given to a run while it goes on. `body` is the answer's JSON.

create table flow_run_input (
    flow_run_id bytea not null,
    key text collate "C" not null,
    id bytea not null,
    created bigint not null,
    body text collate "C" not null,
    written_by text collate "C" not null,
    primary key (flow_run_id, key)
);
