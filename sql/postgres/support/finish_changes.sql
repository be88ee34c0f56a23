-- Writes the answers of changed rows. A note that was renewed since the lease, because the row changed again, has lost
-- its token, and its answer is thrown away. Nothing here waits for a row that somebody else has locked: their note is
-- about to come, and two who wait for each other are a deadlock.
CREATE OR REPLACE FUNCTION sibyl.finish_changes(
  column_id bigint, token uuid, model text, leased text[], keys text[], answers text[], failed_keys text[],
  errors text[]
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  -- Between two looks whether a locked row is free.
  pause CONSTANT interval := '0.2 seconds';
  it sibyl.ai_column;
  ours text[];
  present text[];
  free text[];
  refused record;
BEGIN
  SELECT c.* INTO it FROM sibyl.ai_column AS c WHERE c.id = column_id FOR KEY SHARE;
  IF NOT FOUND OR it.model <> finish_changes.model OR NOT EXISTS (SELECT FROM pg_class AS p WHERE p.oid = it.source) THEN
    RETURN false;
  END IF;
  -- Before the notes: TRUNCATE locks in this order, too.
  EXECUTE format('LOCK TABLE %s IN ROW EXCLUSIVE MODE', it.source);
  ours := sibyl.held_changes(column_id, token, leased);
  IF ours IS NULL THEN
    RETURN false;
  END IF;
  present := sibyl.present_keys(it, ours, '');
  free := sibyl.present_keys(it, present, 'FOR NO KEY UPDATE SKIP LOCKED');

  -- Where there is no answer, an old one would be wrong.
  refused := (
    SELECT sibyl.write_answers(
      CASE WHEN it.target = it.source THEN
        format('UPDATE %s AS source SET %I = one.answer%s FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS one (key, answer) '
          'WHERE source.%I = one.key::%s AND source.%I::text IS DISTINCT FROM (one.answer%s)::text',
          it.target, it.column_name, it.answer_cast, it.key_column, it.key_type, it.column_name, it.answer_cast)
      ELSE
        format('INSERT INTO %s AS answered (%I, %I) SELECT one.key::%s, one.answer%s FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS one (key, answer) '
          'ON CONFLICT (%I) DO UPDATE SET %I = excluded.%I '
          'WHERE answered.%I::text IS DISTINCT FROM excluded.%I::text',
          it.target, it.key_column, it.column_name, it.key_type, it.answer_cast, it.key_column, it.column_name,
          it.column_name, it.column_name, it.column_name)
      END,
      it.path, coalesce(array_agg(one.key), '{}'), coalesce(array_agg(one.answer), '{}'))
    FROM (
      SELECT given.key, given.answer FROM unnest(finish_changes.keys, finish_changes.answers) AS given (key, answer)
      UNION ALL SELECT failed.key, NULL FROM unnest(finish_changes.failed_keys) AS failed (key)
    ) AS one
    WHERE one.key = ANY (free));
  IF it.target <> it.source THEN
    PERFORM sibyl.write_answers(
      format('DELETE FROM %s AS answered WHERE answered.%I = ANY ($1::pg_catalog.text[]::%s[])', it.target, it.key_column,
        it.key_type),
      it.path, ARRAY(SELECT n.key FROM unnest(ours) AS n (key) WHERE n.key <> ALL (present)), NULL);
  END IF;

  -- Failures as of now.
  DELETE FROM sibyl.column_failure AS f WHERE f.ai_column = column_id AND f.key = ANY (ours);
  INSERT INTO sibyl.column_failure AS f (ai_column, key, error, worker)
  SELECT DISTINCT ON (one.key) column_id, one.key, one.error, (
    SELECT n.worker FROM sibyl.column_change AS n WHERE n.ai_column = column_id AND n.key = one.key)
  FROM unnest(refused.failed_keys || finish_changes.failed_keys, refused.errors || finish_changes.errors) AS one (key, error)
  WHERE one.key = ANY (free);
  -- Rows that are gone need no answer; those that are locked by others, or were not read, wait for another turn.
  DELETE FROM sibyl.column_change AS n
  WHERE n.ai_column = column_id AND n.key = ANY (ours)
    AND (n.key <> ALL (present) OR n.key = ANY (free) AND n.key = ANY (finish_changes.keys || finish_changes.failed_keys));
  -- The latter are not to blame, and must not be given up because somebody's transaction takes long.
  UPDATE sibyl.column_change AS n SET lease = NULL, lease_until = clock_timestamp() + pause, worker = NULL,
    attempts = n.attempts - 1
  WHERE n.ai_column = column_id AND n.lease = token AND n.key = ANY (ours);
  IF it.model IS NULL AND finish_changes.model IS NOT NULL THEN
    UPDATE sibyl.ai_column AS c SET model = finish_changes.model WHERE c.id = column_id AND c.model IS NULL;
  END IF;
  RETURN true;
END
$sibyl$;
