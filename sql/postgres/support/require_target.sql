-- The table that answers go to: made where it is missing, checked where it is there.
CREATE OR REPLACE FUNCTION sibyl.require_target(
  caller text, target text, path text, key text, key_type text, answer_column text, answer_type text,
  OUT relation regclass, OUT is_new boolean
)
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  names text[];
  schema text;
  columns text;
BEGIN
  names := parse_ident(target);
  IF cardinality(names) > 2 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_name',
      MESSAGE = format('%s: target must be a table''s name, perhaps with its schema; got %L', caller, target);
  END IF;
  PERFORM set_config('search_path', path, true);
  relation := pg_catalog.to_regclass(target);
  schema := pg_catalog.current_schema();
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  is_new := relation IS NULL;
  IF is_new THEN
    IF cardinality(names) = 2 THEN
      schema := names[1];
    END IF;
    IF schema IS NULL THEN
      RAISE EXCEPTION USING
        ERRCODE = 'invalid_schema_name',
        MESSAGE = format('%s: target must name a schema, since search_path has none; got %L', caller, target);
    END IF;
    EXECUTE format('CREATE TABLE %I.%I (%I %s PRIMARY KEY, %I %s)', schema, names[cardinality(names)], key, key_type,
      answer_column, answer_type);
    relation := format('%I.%I', schema, names[cardinality(names)])::regclass;
    RETURN;
  END IF;
  SELECT string_agg(format('%s %s', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)), ', '
    ORDER BY a.attnum) INTO columns
  FROM pg_attribute AS a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped;
  IF (SELECT c.relkind NOT IN ('r', 'p') FROM pg_class AS c WHERE c.oid = relation) OR (
    SELECT count(*) FROM pg_attribute AS a
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
      AND (a.attname, format_type(a.atttypid, a.atttypmod)) IN ((key, key_type), (answer_column, answer_type))) <> 2
  THEN
    RAISE EXCEPTION USING
      ERRCODE = 'duplicate_table',
      MESSAGE = format('%s: target must be a table with the columns %s %s and %s %s; %s is there already and has %s', caller,
        quote_ident(key), key_type, quote_ident(answer_column), answer_type, relation, coalesce(columns, 'none')),
      HINT = 'Choose another target, or drop that table.';
  END IF;
END
$sibyl$;
