-- Begins to keep a column fresh: in the table itself, or in one beside it that has its key. Runs with the rights of
-- whoever owns Sibyl, like a job.
CREATE OR REPLACE FUNCTION sibyl.create_column(
  table_name text, column_name text, function text, arguments text[], key text DEFAULT NULL, target text DEFAULT NULL,
  lease interval DEFAULT '1 minute', path text DEFAULT current_setting('search_path')
) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET intervalstyle = 'postgres'
SET extra_float_digits = 1
AS $sibyl$
-- Part of Sibyl.
#variable_conflict use_column
DECLARE
  source regclass;
  the_key text := create_column.key;
  call record;
  place record;
  filled regclass;
  column_id bigint;
  present text;
  kind "char";
  source_columns smallint[];
  queued bigint;
BEGIN
  IF create_column.table_name IS NULL OR (create_column.column_name <> '') IS NOT TRUE OR create_column.arguments IS NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'null_value_not_allowed',
      MESSAGE = 'create_column: table_name, column_name and arguments must be given; got NULL or nothing';
  END IF;
  IF (create_column.lease BETWEEN '1 second' AND '1 day') IS NOT TRUE THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = format('create_column: lease must be from one second to one day; got %s',
        coalesce(create_column.lease::text, 'NULL'));
  END IF;
  PERFORM set_config('search_path', create_column.path, true);
  source := pg_catalog.to_regclass(create_column.table_name);
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  SELECT c.relkind INTO kind FROM pg_class AS c
  WHERE c.oid = source AND NOT c.relispartition AND c.relpersistence <> 't'
    AND NOT EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhparent = c.oid OR i.inhrelid = c.oid);
  IF (kind = 'r') IS NOT TRUE THEN
    RAISE EXCEPTION USING
      ERRCODE = 'wrong_object_type',
      MESSAGE = format('create_column: table_name must be an ordinary table, not partitioned, inherited or temporary; %s is %s',
        quote_literal(create_column.table_name), CASE WHEN source IS NULL THEN 'not there' ELSE 'none' END);
  END IF;
  -- Whoever writes at this moment ends before, and nobody writes unnoticed.
  EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', source);

  IF the_key IS NULL THEN
    SELECT CASE WHEN count(*) = 1 THEN min(a.attname::text) END INTO the_key
    FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = source AND i.indisprimary;
  END IF;
  IF NOT EXISTS (
    SELECT FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = source AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indpred IS NULL
      AND a.attname = the_key AND a.attnotnull)
  THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = format('create_column: key must be a column of %s that is unique and NOT NULL, by default a primary key of one column; got %s',
        source, coalesce(quote_literal(the_key), 'none'));
  END IF;
  call := sibyl.describe_call('create_column', source::text, the_key, create_column.function, create_column.arguments,
    create_column.path);
  source_columns := ARRAY(
    SELECT a.attnum FROM pg_attribute AS a
    WHERE a.attrelid = source AND a.attnum = ANY (call.source_columns) AND a.attname <> the_key);

  IF create_column.target IS NULL THEN
    filled := source;
    SELECT format_type(a.atttypid, a.atttypmod) INTO present
    FROM pg_attribute AS a
    WHERE a.attrelid = source AND a.attname = create_column.column_name AND a.attnum > 0 AND NOT a.attisdropped;
    IF present IS NULL THEN
      EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s', source, create_column.column_name, call.answer_type);
    ELSIF present <> call.answer_type THEN
      RAISE EXCEPTION USING
        ERRCODE = 'duplicate_column',
        MESSAGE = format('create_column: column_name must be a new column of %s, or one of the type %s; "%s" is there already and is %s',
          source, call.answer_type, create_column.column_name, present);
    ELSIF EXISTS (
      SELECT FROM pg_attribute AS a WHERE a.attrelid = source AND a.attname = create_column.column_name
        AND (a.attnum = ANY (call.source_columns) OR a.attname = the_key))
    THEN
      RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value',
        MESSAGE = format('create_column: arguments and key must not use the column "%s", which is to be filled',
          create_column.column_name);
    END IF;
  ELSE
    place := sibyl.require_target('create_column', create_column.target, create_column.path, the_key, call.key_type,
      create_column.column_name, call.answer_type);
    filled := place.relation;
    IF filled = source THEN
      RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value',
        MESSAGE = format('create_column: target must be another table than %s; leave it out to fill a column there', source);
    END IF;
    IF NOT EXISTS (
      SELECT FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE i.indrelid = filled AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indpred IS NULL
        AND a.attname = the_key)
    THEN
      RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value',
        MESSAGE = format('create_column: target must have a unique index on "%s"; %s has none', the_key, filled),
        HINT = format('ALTER TABLE %s ADD PRIMARY KEY (%I)', filled, the_key);
    END IF;
  END IF;
  IF EXISTS (
    SELECT FROM sibyl.ai_column AS c WHERE c.target = filled AND c.column_name = create_column.column_name)
  THEN
    RAISE EXCEPTION USING
      ERRCODE = 'duplicate_object',
      MESSAGE = format('create_column: the column "%s" of %s is kept fresh already', create_column.column_name, filled),
      HINT = format('SELECT sibyl.detach_column(%L, %L) ends that.', filled, create_column.column_name);
  END IF;

  INSERT INTO sibyl.ai_column (source, target, column_name, key_column, key_type, function, arguments, reading, path,
    argument_types, answer_cast, lease)
  VALUES (source, filled, create_column.column_name, the_key, call.key_type, create_column.function, call.arguments,
    call.reading, create_column.path, call.argument_types, call.answer_cast, create_column.lease)
  RETURNING id INTO column_id;
  EXECUTE (
    SELECT string_agg(format(
      'CREATE TRIGGER sibyl_%s_%s AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION sibyl.note_changes(%s, %s, %L)',
      column_id, lower(t.event), t.event, source, t.referencing, column_id,
      (SELECT a.attnum FROM pg_attribute AS a WHERE a.attrelid = source AND a.attname = the_key), source_columns), '; ')
    FROM (VALUES
      ('INSERT', 'REFERENCING NEW TABLE AS sibyl_after'),
      ('UPDATE', 'REFERENCING OLD TABLE AS sibyl_before NEW TABLE AS sibyl_after'),
      ('DELETE', 'REFERENCING OLD TABLE AS sibyl_before'),
      ('TRUNCATE', '')
    ) AS t (event, referencing));
  queued := sibyl.queue_column(column_id);
  PERFORM pg_notify('sibyl_work', '');
  RETURN queued;
END
$sibyl$;
