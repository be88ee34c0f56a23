-- Locks the notes of changed rows that are still leased under a token, and gives their keys. Notes that somebody else has
-- locked are left out: they are about to be taken away, and a worker that waits for one while it holds others is a
-- deadlock, which could end a user's INSERT.
CREATE OR REPLACE FUNCTION sibyl.held_changes(column_id bigint, token uuid, leased text[]) RETURNS text[]
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  held text[];
BEGIN
  SELECT array_agg(locked.key) INTO held
  FROM (
    SELECT n.key FROM sibyl.column_change AS n
    WHERE n.ai_column = column_id AND n.key = ANY (leased) AND n.lease = token FOR UPDATE SKIP LOCKED
  ) AS locked;
  RETURN held;
END
$sibyl$;
