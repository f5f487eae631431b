-- insert
-- Adds a block of lines.
insert into log (id, flow_run_id, task_run_id, received, first, last, lowest, highest, lines, written_by)
values (:id, :flow_run_id, :task_run_id, :received, :first, :last, :lowest, :highest, :lines, :by);
