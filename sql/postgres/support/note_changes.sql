-- What the triggers of a column that is kept fresh do: they note the keys of the rows that changed. Every INSERT of a
-- user pays for this. The arguments are the column's number, the position of the key among the table's columns, and
-- the positions of the columns that the answer depends on: not their names, so that renaming one breaks no INSERT.
CREATE OR REPLACE FUNCTION sibyl.note_changes() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET intervalstyle = 'postgres'
SET extra_float_digits = 1
AS $sibyl$
-- Part of Sibyl.
DECLARE
  key CONSTANT text := (
    SELECT quote_ident(a.attname) FROM pg_attribute AS a
    WHERE a.attrelid = TG_RELID AND a.attnum = TG_ARGV[1]::smallint AND NOT a.attisdropped);
  changed text;
  source text;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM sibyl.note_truncation(TG_ARGV[0]::bigint);
    RETURN NULL;
  END IF;
  -- Without its key a row can't be told. The worker says so.
  IF key IS NULL THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    -- As texts, since not every type knows whether two values are equal.
    SELECT string_agg(format('after.%1$I::text COLLATE "C" IS DISTINCT FROM before.%1$I::text', a.attname), ' OR ')
    INTO changed
    FROM pg_attribute AS a
    WHERE a.attrelid = TG_RELID AND a.attnum = ANY (TG_ARGV[2]::smallint[]) AND NOT a.attisdropped;
    source := format('SELECT coalesce(after.%1$s::text, before.%1$s::text) FROM sibyl_before AS before '
      'FULL JOIN sibyl_after AS after ON after.%1$s::text COLLATE "C" = before.%1$s::text '
      'WHERE after.%1$s IS NULL OR before.%1$s IS NULL OR %2$s', key, coalesce(changed, 'false'));
  ELSE
    source := format('SELECT changed.%s::text FROM sibyl_%s AS changed', key,
      CASE TG_OP WHEN 'INSERT' THEN 'after' ELSE 'before' END);
  END IF;
  EXECUTE format(
    'INSERT INTO sibyl.column_change (ai_column, key) SELECT %s, one.key FROM (%s) AS one (key) '
    'ON CONFLICT (ai_column, key) DO UPDATE SET noted = clock_timestamp(), lease = NULL, lease_until = NULL, attempts = 0',
    TG_ARGV[0], source);
  RETURN NULL;
END
$sibyl$;
