-- insert
-- Adds a block of lines.
insert into log (id, flow_run_id, task_run_id, received, first, last, lowest, highest, lines, written_by)
values (:id, :flow_run_id, :task_run_id, :received, :first, :last, :lowest, :highest, :lines, :by);

-- read_blocks
-- The first blocks of a flow run after a place in the order of their first lines' times.
select first, position, id, flow_run_id, task_run_id, received, lines from log
where flow_run_id = :flow_run_id and (first > :first or (first = :first and position > :position))
order by first, position limit :most;

-- read_place
-- Where a block is that is stored already.
select position from log where first = :first and id = :id;
