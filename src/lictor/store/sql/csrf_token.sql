-- forget_expired
-- Removes the tokens of all clients that are too old.
delete from csrf_token where expires <= :now;

-- issue
-- Gives a client a token in place of the one it had.
insert into csrf_token (client, id, created, updated, digest, expires)
values (:client, :id, :now, :now, :digest, :expires)
on conflict (client) do update set updated = :now, digest = :digest, expires = :expires
returning id, created;

-- read
-- The digest of a client's token while it is valid.
select digest from csrf_token where client = :client and expires > :now;
