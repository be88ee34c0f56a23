-- Checks, before anything is computed, that a function can be called for the rows of a source, and says how: the
-- types, and the query that reads the arguments of the rows with some keys.
--
-- PostgreSQL itself does the checking, by way of a view that is made and dropped: it finds the function for the
-- arguments and names what is wrong, and a view holds nothing that writes. The source is a query in parentheses, or a
-- table's name; only there, and in the arguments, the path of whoever calls counts.
CREATE OR REPLACE FUNCTION sibyl.describe_call(
  caller text, source text, key text, function_name text, given text[], path text,
  OUT key_type text, OUT arguments text[], OUT argument_types text[], OUT answer_type text, OUT answer_cast text,
  OUT reading text, OUT source_columns smallint[]
)
LANGUAGE plpgsql VOLATILE
SET client_min_messages = warning
AS $sibyl$
-- Part of Sibyl.
DECLARE
  probe CONSTANT text := 'sibyl.probe_' || replace(gen_random_uuid()::text, '-', '');
  public_schema CONSTANT name := (SELECT i.schema FROM sibyl.installation AS i);
  known_functions text[];
  columns text[];
  statement text;
  message text;
  readings text := '';
  part record;
BEGIN
  SELECT array_agg(DISTINCT p.proname::text ORDER BY p.proname::text) INTO known_functions
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
  WHERE n.nspname = public_schema AND p.prokind = 'f' AND NOT p.proretset AND p.pronargs > 0 AND p.provolatile = 's'
    AND p.prosrc LIKE E'\n-- Part of Sibyl. Made from its catalogue.%';
  IF (function_name = ANY (known_functions)) IS NOT TRUE THEN
    RAISE EXCEPTION USING
      ERRCODE = 'undefined_function',
      MESSAGE = format('%s: function must be one of %s; got %s', caller,
        array_to_string(known_functions, ', '), coalesce(quote_literal(function_name), 'NULL'));
  END IF;

  statement := format('CREATE VIEW %s AS SELECT * FROM %s AS source', probe, source);
  BEGIN
    PERFORM set_config('search_path', path, true);
    EXECUTE statement;
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  EXCEPTION
    WHEN syntax_error_or_access_rule_violation OR feature_not_supported OR invalid_schema_name THEN
      GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
      RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value',
        MESSAGE = format('%s: query must be a SELECT whose columns have different names and that reads nothing '
          'temporary; PostgreSQL says: %s', caller, message);
  END;
  SELECT array_agg(a.attname::text ORDER BY a.attnum) INTO columns
  FROM pg_attribute AS a WHERE a.attrelid = probe::regclass AND a.attnum > 0;
  EXECUTE format('DROP VIEW %s', probe);
  IF (key = ANY (columns)) IS NOT TRUE THEN
    RAISE EXCEPTION USING
      ERRCODE = 'undefined_column',
      MESSAGE = format('%s: key must be one of the columns %s; got %s', caller, array_to_string(columns, ', '),
        coalesce(quote_literal(key), 'NULL'));
  END IF;
  arguments := given;
  IF arguments IS NULL THEN
    arguments := ARRAY(SELECT quote_ident(c.name) FROM unnest(columns) AS c (name) WHERE c.name <> key);
    IF cardinality(arguments) <> 1 THEN
      RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value',
        MESSAGE = format('%s: arguments must be given unless there is just one column beside the key; the columns are %s',
          caller, array_to_string(columns, ', ')),
        HINT = format('Name the arguments of %s in its order, as SQL: arguments => ARRAY[''body'', …].',
          function_name);
    END IF;
  END IF;
  IF array_position(arguments, NULL) IS NOT NULL OR cardinality(arguments) = 0 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'null_value_not_allowed',
      MESSAGE = format('%s: arguments must be SQL expressions, one an argument of %s; for NULL write ''NULL''', caller,
        function_name);
  END IF;

  -- A comment at the end of an argument must not swallow what follows.
  SELECT format('CREATE VIEW %s AS SELECT source.%I AS key, %s, %I.%I(%s) AS answer FROM %s AS source', probe, key,
    string_agg(format(E'(%s\n) AS argument_%s', a.expression, a.place), ', ' ORDER BY a.place),
    public_schema, function_name, string_agg(format(E'(%s\n)', a.expression), ', ' ORDER BY a.place), source)
  INTO statement
  FROM unnest(arguments) WITH ORDINALITY AS a (expression, place);
  BEGIN
    PERFORM set_config('search_path', path, true);
    EXECUTE statement;
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  EXCEPTION
    WHEN syntax_error_or_access_rule_violation OR feature_not_supported THEN
      GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
      RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value',
        MESSAGE = format('%s: %s can''t be called with the arguments %s; PostgreSQL says: %s', caller, function_name,
          array_to_string(arguments, ', '), message),
        DETAIL = format('The columns are %s.', array_to_string(columns, ', ')),
        HINT = 'It takes: ' || (
          SELECT string_agg(format('%s(%s)', p.proname, pg_get_function_arguments(p.oid)), ', ' ORDER BY p.oid)
          FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
          WHERE n.nspname = public_schema AND p.proname = function_name
            AND p.prorettype NOT IN ('text[]'::regtype, 'jsonb[]'::regtype, 'double precision[]'::regtype,
              'boolean[]'::regtype, 'bigint[]'::regtype)) || '.';
  END;

  argument_types := '{}';
  FOR part IN
    SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, format_type(a.atttypid, NULL) AS plain,
      t.typname, t.typelem <> 0 AND t.typlen = -1 AND t.typcategory = 'A' AS is_array, a.attnum - 1 AS place
    FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
    WHERE a.attrelid = probe::regclass AND a.attnum > 0 ORDER BY a.attnum
  LOOP
    IF part.attname = 'key' THEN
      key_type := part.type;
    ELSIF part.attname = 'answer' THEN
      answer_type := part.type;
      answer_cast := CASE WHEN part.type = 'text' THEN ''
        WHEN part.typname = 'vector' THEN '::real[]::' || part.type ELSE '::' || part.type END;
    ELSIF part.plain IN ('real[]', 'double precision[]') THEN
      -- As pgvector writes it: that is how the worker knows an embedding.
      readings := readings || format(E', ''['' || array_to_string((%s\n)::real[], '','') || '']''',
        arguments[part.place]);
      argument_types := argument_types || 'vector'::text;
    ELSIF part.is_array AND part.place = 1 THEN
      RAISE EXCEPTION USING
        ERRCODE = 'datatype_mismatch',
        MESSAGE = format('%s: %s must be called once a row, and its first argument is a %s', caller, function_name,
          part.type),
        HINT = 'Have the query unnest the array, with a key for each element.';
    ELSE
      readings := readings || format(CASE WHEN part.is_array THEN E', to_jsonb((%s\n))::text' ELSE E', (%s\n)::text' END,
        arguments[part.place]);
      argument_types := argument_types || CASE WHEN part.typname = 'vector' THEN 'vector' ELSE 'text' END;
    END IF;
  END LOOP;
  -- What the view reads of a table.
  SELECT coalesce(array_agg(DISTINCT d.refobjsubid::smallint), '{}') INTO source_columns
  FROM pg_depend AS d JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
  WHERE r.ev_class = probe::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
    AND d.refobjid <> probe::regclass;
  EXECUTE format('DROP VIEW %s', probe);

  reading := format('SELECT source.%I::text%s FROM %s AS source WHERE source.%I = ANY ($1::text[]::%s[])', key, readings,
    source, key, key_type);
  BEGIN
    PERFORM set_config('search_path', path, true);
    EXECUTE reading USING '{}'::text[];
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  EXCEPTION
    WHEN syntax_error_or_access_rule_violation THEN
      GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
      RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value',
        MESSAGE = format('%s: key must be a column by which rows can be looked up, and "%s" (%s) is none; PostgreSQL says: %s',
          caller, key, key_type, message);
  END;
END
$sibyl$;
