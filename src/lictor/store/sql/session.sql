-- forget_ended
-- Removes the sign-ins that are too old or were not used for too long.
delete from session where created <= :oldest or used <= :idle;

-- add
-- Adds a sign-in.
insert into session (digest, seal, name, created, used) values (:digest, :seal, :name, :now, :now);

-- read
-- A sign-in that is neither too old nor unused for too long: what seals it, whose it is, and when it was used.
select seal, name, used from session where digest = :digest and created > :oldest and used > :idle;

-- use
-- Notes that a sign-in was used.
update session set used = :now where digest = :digest;

-- delete
-- Ends a sign-in.
delete from session where digest = :digest;
