-- Derived from the catalogue (Sources/Functions/Catalogue) and sql/postgres/support by
-- scripts/generate-postgres.sh; do not edit.
--
-- What `sibyl bridge` makes in a database after the tables of sql/postgres/schema, here with its defaults: the
-- functions in the schema public, dblink in the schema sibyl, embeddings as real[].

CREATE OR REPLACE FUNCTION sibyl.address() RETURNS text
LANGUAGE sql STABLE
AS $sibyl$
-- Part of Sibyl.
SELECT CASE WHEN i.host LIKE '/%' THEN i.host || '/.s.PGSQL.' || i.port ELSE i.host || ':' || i.port END
FROM sibyl.installation AS i
$sibyl$;

COMMENT ON FUNCTION sibyl.address() IS 'The bridge''s address, for messages.';

REVOKE ALL ON FUNCTION sibyl.address() FROM PUBLIC;

-- Runs with the rights and the search_path of whoever calls it, for the sake of the query. Nothing else here may
-- depend on that path: operators and functions are named with their schema.
CREATE OR REPLACE FUNCTION public.ai_prefetch(
  query text, function text, VARIADIC arguments text[] DEFAULT '{}'
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE COST 1000
AS $sibyl$
-- Part of Sibyl.
DECLARE
  started CONSTANT pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  most_texts CONSTANT integer := 2000;
  most_bytes CONSTANT integer := 4194304;
  found record;
  batch pg_catalog.text[] := '{}';
  batch_bytes integer := 0;
  calls bigint := 0;
  distinct_texts bigint := 0;
  computed bigint := 0;
BEGIN
  -- A wrong name or a wrong argument is told before the query runs.
  computed := sibyl.prefetch_batch($2, '{}', $3);
  FOR found IN EXECUTE pg_catalog.concat(
    'SELECT wanted.argument, pg_catalog.count(*) AS calls FROM (',
    'SELECT given.argument::pg_catalog.text COLLATE pg_catalog."C" AS argument FROM (',
    -- A semicolon at the end is usual; a comment there must not swallow what follows.
    pg_catalog.rtrim($1, E' \t\n\r;'), E'\n) AS given (argument)) AS wanted GROUP BY wanted.argument')
  LOOP
    calls := calls OPERATOR(pg_catalog.+) found.calls;
    CONTINUE WHEN found.argument IS NULL;
    distinct_texts := distinct_texts OPERATOR(pg_catalog.+) 1;
    batch := pg_catalog.array_append(batch, found.argument);
    batch_bytes := batch_bytes OPERATOR(pg_catalog.+) pg_catalog.octet_length(found.argument);
    IF pg_catalog.cardinality(batch) OPERATOR(pg_catalog.>=) most_texts
      OR batch_bytes OPERATOR(pg_catalog.>=) most_bytes
    THEN
      computed := computed OPERATOR(pg_catalog.+) sibyl.prefetch_batch($2, batch, $3);
      batch := '{}';
      batch_bytes := 0;
    END IF;
  END LOOP;
  computed := computed OPERATOR(pg_catalog.+) sibyl.prefetch_batch($2, batch, $3);
  RETURN pg_catalog.jsonb_build_object(
    'calls', calls, 'distinct', distinct_texts, 'cached', distinct_texts OPERATOR(pg_catalog.-) computed,
    'computed', computed,
    'seconds', pg_catalog.round(pg_catalog.date_part(
      'epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) started)::numeric, 3));
END
$sibyl$;

COMMENT ON FUNCTION public.ai_prefetch(text, text, text[]) IS 'Computes what a function will answer for the first column of a query, in large batches, and keeps the answers. Further arguments are those of the function. Example: SELECT ai_prefetch(''SELECT body FROM reviews'', ''ai_sentiment'');';

REVOKE ALL ON FUNCTION public.ai_prefetch(text, text, text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_prefetch(text, text, text[]) TO PUBLIC;

-- Answers one call an element: what is cached from the cache, the rest by the bridge, each distinct text once.
--
-- The earlier keys and arguments are those before the element in the key and in the call, the later ones those behind it.
-- Functions whose answers are not kept have NULL for later_keys. classifier_name is NULL unless the function asks one,
-- corrected_name unless its answers can be corrected.
CREATE OR REPLACE FUNCTION sibyl.answers(
  function_name text, elements text[], earlier_keys bytea, later_keys bytea, earlier_arguments text,
  later_arguments text, classifier_name text, corrected_name text,
  OUT answers text[], OUT computed bigint
)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl.
DECLARE
  -- What a call may hold, so that it can be cancelled and shares the engine with others.
  most_elements CONSTANT integer := 1000;
  most_bytes CONSTANT integer := 1048576;
  function_fingerprint bytea;
  classifier_digest text;
  has_corrections boolean := false;
  known_texts text[];
  known_answers text[];
  missing_texts text[];
  missing_labels text[];
  slice text[];
  slice_labels text[];
  slice_answers text[];
BEGIN
  computed := 0;
  IF array_ndims(elements) > 1 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'array_subscript_error',
      MESSAGE = format('%s: argument %s must be an array of one dimension; got %s', function_name,
        CASE WHEN earlier_arguments = '' THEN 1 ELSE 2 END, array_ndims(elements));
  END IF;
  IF cardinality(elements) = 0 THEN
    answers := '{}';
    RETURN;
  END IF;

  IF later_keys IS NOT NULL THEN
    SELECT known.fingerprint INTO function_fingerprint
    FROM sibyl.function AS known WHERE known.name = function_name;
  END IF;
  IF classifier_name IS NOT NULL THEN
    SELECT known.digest INTO classifier_digest FROM sibyl.classifiers AS known WHERE known.name = classifier_name;
  END IF;
  IF corrected_name IS NOT NULL THEN
    has_corrections := EXISTS (SELECT FROM sibyl.feedback AS told WHERE told.name = corrected_name);
  END IF;
  -- The inner queries stay index look-ups a text, whatever the planner thinks of the tables' sizes. OFFSET 0 keeps
  -- them from being copied to where their values are used. In collation "C", only equal bytes are equal.
  SELECT
    array_agg(looked_up.element) FILTER (WHERE looked_up.found IS NOT NULL),
    array_agg(looked_up.found[1]) FILTER (WHERE looked_up.found IS NOT NULL),
    array_agg(looked_up.element) FILTER (WHERE looked_up.found IS NULL),
    array_agg(looked_up.label) FILTER (WHERE looked_up.found IS NULL)
  INTO known_texts, known_answers, missing_texts, missing_labels
  FROM (
    SELECT wanted.element, wanted.label, (
      SELECT ARRAY[cached.answer] FROM sibyl.cache AS cached
      WHERE cached.key = sha256(function_fingerprint || earlier_keys || sibyl.key_part(wanted.element) || later_keys
        || sibyl.session_key_part(classifier_digest, wanted.label))
    ) AS found
    FROM (
      SELECT one.element,
        CASE WHEN has_corrections THEN (
          SELECT told.label FROM sibyl.feedback AS told
          WHERE told.name = corrected_name AND told.key = sha256(convert_to(one.element, 'UTF8'))
        ) END AS label
      FROM (
        SELECT DISTINCT given.element COLLATE "C" AS element
        FROM unnest(elements) AS given (element) WHERE given.element IS NOT NULL
      ) AS one
      OFFSET 0
    ) AS wanted
    OFFSET 0
  ) AS looked_up;

  IF missing_texts IS NOT NULL THEN
    computed := cardinality(missing_texts);
    FOR slice, slice_labels IN
      SELECT array_agg(missing.element ORDER BY missing.place), array_agg(missing.label ORDER BY missing.place)
      FROM (
        SELECT one.element, one.label, one.place, (one.place - 1) / most_elements AS by_count,
          sum(octet_length(one.element)) OVER (ORDER BY one.place) / most_bytes AS by_size
        FROM unnest(missing_texts, missing_labels) WITH ORDINALITY AS one (element, label, place)
      ) AS missing
      GROUP BY missing.by_count, missing.by_size
      ORDER BY missing.by_count, missing.by_size
    LOOP
      slice_answers := sibyl.call(function_name, format('%s, %L::text[]%s', earlier_arguments, slice, later_arguments),
        sibyl.call_context(classifier_name, classifier_digest, slice_labels));
      IF cardinality(slice_answers) IS DISTINCT FROM cardinality(slice) THEN
        RAISE EXCEPTION USING
          ERRCODE = 'internal_error',
          MESSAGE = format('%s: the bridge answered %s of %s calls; please report this defect',
            function_name, coalesce(cardinality(slice_answers), 0), cardinality(slice));
      END IF;
      known_texts := known_texts || slice;
      known_answers := known_answers || slice_answers;
    END LOOP;
  END IF;
  answers := sibyl.assemble(elements, known_texts, known_answers);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.answers(text, text[], bytea, bytea, text, text, text, text) IS 'Answers one call an element of an array, from the cache or by the bridge.';

REVOKE ALL ON FUNCTION sibyl.answers(text, text[], bytea, bytea, text, text, text, text) FROM PUBLIC;

-- The answers of distinct texts, put in the order of the elements; NULL stays NULL.
--
-- The planner takes both arrays for short ones. A nested loop over long ones would be quadratic.
CREATE OR REPLACE FUNCTION sibyl.assemble(elements text[], texts text[], answers text[]) RETURNS text[]
LANGUAGE plpgsql STABLE
SET enable_nestloop = off
AS $sibyl$
-- Part of Sibyl.
BEGIN
  RETURN (
    SELECT array_agg(known.answer ORDER BY given.place)
    FROM unnest(elements) WITH ORDINALITY AS given (element, place)
    LEFT JOIN unnest(texts, answers) AS known (element, answer)
      ON known.element = given.element COLLATE "C");
END
$sibyl$;

COMMENT ON FUNCTION sibyl.assemble(text[], text[], text[]) IS 'Puts the answers of distinct texts into the order of an array.';

REVOKE ALL ON FUNCTION sibyl.assemble(text[], text[], text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.bridge_status() RETURNS TABLE (
  version text, started timestamptz, uptime interval, models text[], queue_length bigint, requests bigint,
  answered bigint, cache_hits bigint, rows_per_second double precision, sessions bigint
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  is_first_failure boolean := true;
  state text;
  message text;
  detail text;
BEGIN
  LOOP
    BEGIN
      PERFORM sibyl.connect();
      RETURN QUERY
      SELECT reply.version, reply.started, make_interval(secs => reply.uptime), reply.models,
        reply.queue_length, reply.requests, reply.answered, reply.cache_hits, reply.rows_per_second,
        reply.sessions
      FROM sibyl.dblink('sibyl', 'SELECT * FROM sibyl_status()') AS reply (
        version text, started timestamptz, uptime double precision, models text[], queue_length bigint,
        requests bigint, answered bigint, cache_hits bigint, rows_per_second double precision,
        sessions bigint);
      RETURN;
    EXCEPTION
      WHEN connection_exception OR admin_shutdown OR crash_shutdown OR cannot_connect_now OR internal_error THEN
        GET STACKED DIAGNOSTICS
          state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        -- dblink calls it an internal error that it could not send. Other ones are the bridge's own.
        IF state = 'XX000' AND message NOT LIKE 'could not send query%' THEN
          RAISE;
        END IF;
        PERFORM sibyl.disconnect('sibyl.status', is_first_failure, state, message, detail);
        is_first_failure := false;
    END;
  END LOOP;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.bridge_status() IS 'What sibyl.status shows.';

REVOKE ALL ON FUNCTION sibyl.bridge_status() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sibyl.bridge_status() TO PUBLIC;

-- Asks the bridge: one answer an element of an array call, one a row of a table. See also call_one.
--
-- A call that is not done within 50 ms gets a ticket, and the bridge is asked again and again: between two
-- questions PostgreSQL sees that the query was cancelled. It then hangs up, which tells the bridge at once.
CREATE OR REPLACE FUNCTION sibyl.call(function_name text, arguments text, context jsonb) RETURNS text[]
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  first_question CONSTANT text := CASE
    WHEN context IS NULL THEN format('SELECT * FROM sibyl_call(%L%s)', function_name, arguments)
    ELSE format('SELECT * FROM sibyl_call_in(%L, %L%s)', context, function_name, arguments) END;
  question text;
  ticket text;
  answers text[];
  progress text;
  is_first_failure boolean := true;
  has_sent boolean := false;
  state text;
  message text;
  detail text;
BEGIN
  LOOP
    BEGIN
      PERFORM sibyl.connect();
      question := first_question;
      LOOP
        SELECT min(reply.ticket), array_agg(reply.answer) INTO ticket, answers
        FROM sibyl.dblink('sibyl', question) AS reply (ticket text, answer text);
        IF ticket IS NULL THEN
          RETURN answers;
        END IF;
        -- How far it is, where that takes minutes.
        IF answers[1] IS DISTINCT FROM progress AND answers[1] IS NOT NULL THEN
          progress := answers[1];
          RAISE NOTICE '%: %', function_name, progress;
        END IF;
        question := format('SELECT * FROM sibyl_wait(%L)', ticket);
      END LOOP;
    EXCEPTION
      WHEN query_canceled THEN
        IF 'sibyl' = ANY (sibyl.dblink_get_connections()) THEN
          PERFORM sibyl.dblink_disconnect('sibyl');
        END IF;
        RAISE;
      -- The bridge does not have the classifier: it was started since, or has forgotten it for others.
      WHEN SQLSTATE 'SB001' THEN
        IF has_sent THEN
          RAISE;
        END IF;
        PERFORM sibyl.send_classifier(function_name, context->'classifier'->>'name', context->'classifier'->>'digest');
        has_sent := true;
      WHEN connection_exception OR admin_shutdown OR crash_shutdown OR cannot_connect_now OR internal_error THEN
        GET STACKED DIAGNOSTICS
          state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        -- dblink calls it an internal error that it could not send. Other ones are the bridge's own.
        IF state = 'XX000' AND message NOT LIKE 'could not send query%' THEN
          RAISE;
        END IF;
        PERFORM sibyl.disconnect(function_name, is_first_failure, state, message, detail);
        is_first_failure := false;
    END;
  END LOOP;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.call(text, text, jsonb) IS 'Asks the bridge, and waits for its answers.';

REVOKE ALL ON FUNCTION sibyl.call(text, text, jsonb) FROM PUBLIC;

-- What the bridge has to know of this database to answer a call: the classifier that it asks (or those that there are,
-- to name them in an error) and the right labels of its texts. NULL where there is nothing to know.
CREATE OR REPLACE FUNCTION sibyl.call_context(classifier_name text, classifier_digest text, labels text[])
RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  context jsonb;
BEGIN
  IF classifier_digest IS NOT NULL THEN
    context := jsonb_build_object('classifier', jsonb_build_object('name', classifier_name, 'digest', classifier_digest));
  ELSIF classifier_name IS NOT NULL THEN
    context := jsonb_build_object('names', (
      SELECT coalesce(jsonb_agg(known.name ORDER BY known.name), '[]') FROM sibyl.classifiers AS known));
  END IF;
  IF array_remove(labels, NULL) <> '{}' THEN
    context := coalesce(context, '{}') || jsonb_build_object('corrected', labels);
  END IF;
  RETURN context;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.call_context(text, text, text[]) IS 'What the bridge has to know of this database to answer a call.';

REVOKE ALL ON FUNCTION sibyl.call_context(text, text, text[]) FROM PUBLIC;

-- Asks the bridge about a call that needs more of this database than its arguments: the rows that were sent (see
-- send_rows), a classifier, what was corrected. The answer comes first, then what is to be stored (see store_results).
--
-- Everybody may call it: what it reads of Sibyl's tables goes to the bridge and not to the caller.
CREATE OR REPLACE FUNCTION sibyl.call_in_session(
  function_name text, arguments text[], upload uuid, classifier_name text, corrections_of text, lists_classifiers boolean
) RETURNS text[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  texts_at_once CONSTANT integer := 1000;
  sent CONSTANT uuid := coalesce(upload, gen_random_uuid());
  has_sent boolean := upload IS NOT NULL;
  part text;
  literals text;
  context jsonb;
BEGIN
  FOR part IN
    SELECT json_build_object('corrections', json_agg(json_build_array(told.text, told.label)))::text
    FROM (
      SELECT f.text, f.label, row_number() OVER (ORDER BY f.text COLLATE "C") AS place FROM sibyl.feedback AS f
      WHERE f.name = corrections_of
    ) AS told
    GROUP BY (told.place - 1) / texts_at_once
    UNION ALL
    SELECT json_build_object('classifiers', json_agg(sibyl.describe_classifier(c) ORDER BY c.name))::text
    FROM sibyl.classifiers AS c HAVING lists_classifiers AND count(*) > 0
  LOOP
    PERFORM sibyl.put_part(function_name, sent, NOT has_sent, part);
    has_sent := true;
  END LOOP;
  context := sibyl.call_context(
    classifier_name, (SELECT known.digest FROM sibyl.classifiers AS known WHERE known.name = classifier_name), NULL);
  -- So that the bridge answers no other functions in this way, which are not everybody's to call.
  context := coalesce(context, '{}') || '{"session":true}';
  IF has_sent THEN
    context := context || jsonb_build_object('upload', sent);
  END IF;
  SELECT coalesce(string_agg(format(', %L', given.argument), '' ORDER BY given.place), '') INTO literals
  FROM unnest(arguments) WITH ORDINALITY AS given (argument, place);
  RETURN sibyl.call(function_name, literals, context);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.call_in_session(text, text[], uuid, text, text, boolean) IS 'Asks the bridge about a call that is about rows, classifiers or corrections.';

REVOKE ALL ON FUNCTION sibyl.call_in_session(text, text[], uuid, text, text, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sibyl.call_in_session(text, text[], uuid, text, text, boolean) TO PUBLIC;

-- Asks the bridge about one scalar call. The same as sibyl.call, without what only many answers need: this is what a
-- query pays for each of its rows.
CREATE OR REPLACE FUNCTION sibyl.call_one(function_name text, arguments text, context jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  first_question CONSTANT text := CASE
    WHEN context IS NULL THEN format('SELECT * FROM sibyl_call(%L%s)', function_name, arguments)
    ELSE format('SELECT * FROM sibyl_call_in(%L, %L%s)', context, function_name, arguments) END;
  question text;
  ticket text;
  answer text;
  is_first_failure boolean := true;
  has_sent boolean := false;
  state text;
  message text;
  detail text;
BEGIN
  LOOP
    BEGIN
      IF ('sibyl' = ANY (sibyl.dblink_get_connections())) IS NOT TRUE THEN
        PERFORM sibyl.connect();
      END IF;
      question := first_question;
      LOOP
        SELECT reply.ticket, reply.answer INTO ticket, answer
        FROM sibyl.dblink('sibyl', question) AS reply (ticket text, answer text);
        IF ticket IS NULL THEN
          RETURN answer;
        END IF;
        question := format('SELECT * FROM sibyl_wait(%L)', ticket);
      END LOOP;
    EXCEPTION
      WHEN query_canceled THEN
        IF 'sibyl' = ANY (sibyl.dblink_get_connections()) THEN
          PERFORM sibyl.dblink_disconnect('sibyl');
        END IF;
        RAISE;
      -- The bridge does not have the classifier: it was started since, or has forgotten it for others.
      WHEN SQLSTATE 'SB001' THEN
        IF has_sent THEN
          RAISE;
        END IF;
        PERFORM sibyl.send_classifier(function_name, context->'classifier'->>'name', context->'classifier'->>'digest');
        has_sent := true;
      WHEN connection_exception OR admin_shutdown OR crash_shutdown OR cannot_connect_now OR internal_error THEN
        GET STACKED DIAGNOSTICS
          state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        -- dblink calls it an internal error that it could not send. Other ones are the bridge's own.
        IF state = 'XX000' AND message NOT LIKE 'could not send query%' THEN
          RAISE;
        END IF;
        PERFORM sibyl.disconnect(function_name, is_first_failure, state, message, detail);
        is_first_failure := false;
    END;
  END LOOP;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.call_one(text, text, jsonb) IS 'Asks the bridge, and waits for its one answer.';

REVOKE ALL ON FUNCTION sibyl.call_one(text, text, jsonb) FROM PUBLIC;

-- Ends a job for good: once this is committed, nothing more is written. What is written stays.
CREATE OR REPLACE FUNCTION sibyl.cancel_job(name text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  job CONSTANT sibyl.job := sibyl.job_named('cancel_job', name);
BEGIN
  IF job.state NOT IN ('running', 'paused', 'cancelled') THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('cancel_job: the job "%s" is %s already', job.name, job.state);
  END IF;
  UPDATE sibyl.job AS j SET state = 'cancelled', finished = clock_timestamp() WHERE j.id = job.id;
  RETURN 'cancelled';
END
$sibyl$;

COMMENT ON FUNCTION sibyl.cancel_job(text) IS 'Ends a job for good; what is written stays.';

REVOKE ALL ON FUNCTION sibyl.cancel_job(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.check_arguments(
  signature text, arguments text[], required integer, allowed integer
) RETURNS void
LANGUAGE plpgsql STABLE
AS $sibyl$
-- Part of Sibyl.
BEGIN
  IF cardinality(arguments) NOT BETWEEN required AND allowed THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = format('ai_prefetch: %s takes %s behind its first argument, which comes from the query; got %s',
        signature,
        CASE WHEN allowed = 0 THEN 'nothing' WHEN required = allowed THEN required::text
          ELSE required || ' to ' || allowed END,
        cardinality(arguments));
  END IF;
  FOR place IN 1 .. required LOOP
    IF arguments[place] IS NULL THEN
      RAISE EXCEPTION USING
        ERRCODE = 'null_value_not_allowed',
        MESSAGE = format('ai_prefetch: argument %s must not be NULL, since %s needs it', place + 2, signature);
    END IF;
  END LOOP;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.check_arguments(text, text[], integer, integer) IS 'Checks the number of the arguments that ai_prefetch passes on.';

REVOKE ALL ON FUNCTION sibyl.check_arguments(text, text[], integer, integer) FROM PUBLIC;

-- A column that is kept fresh, by its table (the one with the answers, or the one that they are about) and its name.
CREATE OR REPLACE FUNCTION sibyl.column_named(caller text, table_name text, column_name text, path text)
RETURNS sibyl.ai_column
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it sibyl.ai_column;
  named regclass;
BEGIN
  PERFORM set_config('search_path', path, true);
  named := pg_catalog.to_regclass(table_name);
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  SELECT c.* INTO it FROM sibyl.ai_column AS c
  WHERE c.column_name = column_named.column_name AND named IN (c.target, c.source)
  ORDER BY c.target = named DESC LIMIT 1 FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING
      ERRCODE = 'undefined_object',
      MESSAGE = format('%s: no column %s of %s is kept fresh', caller, coalesce(quote_literal(column_name), 'NULL'),
        coalesce(quote_literal(table_name), 'NULL')),
      HINT = 'SELECT table_name, column_name FROM sibyl.columns lists them.';
  END IF;
  RETURN it;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.column_named(text, text, text, text) IS 'A column that is kept fresh, by its table and its name.';

REVOKE ALL ON FUNCTION sibyl.column_named(text, text, text, text) FROM PUBLIC;

-- Opens this session's connection to the bridge, where it is not open. It stays open for the session's life.
CREATE OR REPLACE FUNCTION sibyl.connect() RETURNS void
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
BEGIN
  IF ('sibyl' = ANY (sibyl.dblink_get_connections())) IS NOT TRUE THEN
    PERFORM sibyl.dblink_connect('sibyl', 'sibyl_bridge');
  END IF;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.connect() IS 'Opens this session''s connection to the bridge.';

REVOKE ALL ON FUNCTION sibyl.connect() FROM PUBLIC;

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

COMMENT ON FUNCTION sibyl.create_column(text, text, text, text[], text, text, interval, text) IS 'Keeps a column filled with what a function answers, as rows are inserted, changed and deleted. Example: SELECT sibyl.create_column(''reviews'', ''mood'', ''ai_sentiment'', ARRAY[''body'']);';

REVOKE ALL ON FUNCTION sibyl.create_column(text, text, text, text[], text, text, interval, text) FROM PUBLIC;

-- Begins a job. Runs with the rights of whoever owns Sibyl, and so will the workers: whoever may call it may do what
-- that role may do.
CREATE OR REPLACE FUNCTION sibyl.create_job(
  name text, query text, key text, function text, arguments text[] DEFAULT NULL, target text DEFAULT NULL,
  chunk_rows integer DEFAULT 1000, lease interval DEFAULT '1 minute', path text DEFAULT current_setting('search_path')
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
  source CONSTANT text := E'(\n' || rtrim(create_job.query, E' \t\n\r;') || E'\n)';
  call record;
  place record;
  job_id bigint;
  statement text;
  found_rows bigint;
  nulls bigint;
  duplicates text;
BEGIN
  IF (btrim(create_job.name) <> '') IS NOT TRUE OR create_job.query IS NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'null_value_not_allowed',
      MESSAGE = 'create_job: name and query must be given; got NULL or nothing';
  END IF;
  IF (create_job.chunk_rows BETWEEN 1 AND 100000) IS NOT TRUE THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = format('create_job: chunk_rows must be from 1 to 100000; got %s', coalesce(create_job.chunk_rows::text, 'NULL'));
  END IF;
  IF (create_job.lease BETWEEN '1 second' AND '1 day') IS NOT TRUE THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = format('create_job: lease must be from one second to one day; got %s', coalesce(create_job.lease::text, 'NULL'));
  END IF;
  IF EXISTS (SELECT FROM sibyl.job AS j WHERE j.name = create_job.name) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'duplicate_object',
      MESSAGE = format('create_job: there is a job "%s" already', create_job.name),
      HINT = format('Choose another name, or SELECT sibyl.drop_job(%L), which keeps its target.', create_job.name);
  END IF;
  IF create_job.key = 'result' THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'create_job: key must not be "result", which is the name of the target''s other column; rename it in the query';
  END IF;
  call := sibyl.describe_call('create_job', source, create_job.key, create_job.function, create_job.arguments,
    create_job.path);
  place := sibyl.require_target('create_job', coalesce(create_job.target, quote_ident(create_job.name)), create_job.path,
    create_job.key, call.key_type, 'result', call.answer_type);
  INSERT INTO sibyl.job (name, query, key_column, key_type, function, arguments, reading, path, argument_types, target,
    answer_cast, chunk_rows, lease)
  VALUES (create_job.name, create_job.query, create_job.key, call.key_type, create_job.function, call.arguments,
    call.reading, create_job.path, call.argument_types, place.relation, call.answer_cast, create_job.chunk_rows,
    create_job.lease)
  RETURNING id INTO job_id;

  -- Rows that the target has are done. Everything around the query is named with its schema, since the path of whoever
  -- calls counts for the query.
  statement := format(
    'INSERT INTO sibyl.job_chunk (job, number, keys, rows) '
    'SELECT %s, (found.place OPERATOR(pg_catalog.-) 1) OPERATOR(pg_catalog./) %s OPERATOR(pg_catalog.+) 1, '
    'pg_catalog.array_agg(found.key ORDER BY found.place), pg_catalog.count(*) '
    'FROM (SELECT source.%I::pg_catalog.text AS key, pg_catalog.row_number() OVER () AS place FROM %s AS source%s) AS found '
    'GROUP BY 2',
    job_id, create_job.chunk_rows, create_job.key, source,
    CASE WHEN place.is_new THEN '' ELSE format(' WHERE NOT EXISTS (SELECT FROM %s AS known WHERE known.%I = source.%I)',
      place.relation, create_job.key, create_job.key) END);
  PERFORM set_config('search_path', create_job.path, true);
  EXECUTE statement;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  SELECT count(*), count(*) FILTER (WHERE one.key IS NULL) INTO found_rows, nulls
  FROM sibyl.job_chunk AS c, unnest(c.keys) AS one (key) WHERE c.job = job_id;
  IF nulls > 0 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'null_value_not_allowed',
      MESSAGE = format('create_job: key must have a value in every row of the query; "%s" is NULL in %s of %s',
        create_job.key, nulls, found_rows);
  END IF;
  SELECT string_agg(several.key, ', ') INTO duplicates
  FROM (
    SELECT one.key FROM sibyl.job_chunk AS c, unnest(c.keys) AS one (key) WHERE c.job = job_id
    GROUP BY one.key HAVING count(*) > 1 ORDER BY one.key LIMIT 3
  ) AS several;
  IF duplicates IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'unique_violation',
      MESSAGE = format('create_job: key must be different in every row of the query; "%s" has some values more than once: %s',
        create_job.key, duplicates);
  END IF;
  UPDATE sibyl.job AS j SET rows = found_rows,
    state = CASE WHEN found_rows = 0 THEN 'finished' ELSE j.state END,
    finished = CASE WHEN found_rows = 0 THEN clock_timestamp() END
  WHERE j.id = job_id;
  PERFORM pg_notify('sibyl_work', '');
  RETURN found_rows;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.create_job(text, text, text, text, text[], text, integer, interval, text) IS 'Begins a job: workers compute a function for the rows of a query and write the answers into a table. Example: SELECT sibyl.create_job(''moods'', ''SELECT id, body FROM reviews'', key => ''id'', function => ''ai_sentiment'');';

REVOKE ALL ON FUNCTION sibyl.create_job(text, text, text, text, text[], text, integer, interval, text) FROM PUBLIC;

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

COMMENT ON FUNCTION sibyl.describe_call(text, text, text, text, text[], text) IS 'Checks that a function can be called for the rows of a source, and says how.';

REVOKE ALL ON FUNCTION sibyl.describe_call(text, text, text, text, text[], text) FROM PUBLIC;

-- A classifier without its weights, as the bridge is told of it.
CREATE OR REPLACE FUNCTION sibyl.describe_classifier(it sibyl.classifiers) RETURNS json
LANGUAGE sql STABLE
AS $sibyl$
-- Part of Sibyl.
SELECT json_build_object('name', it.name, 'method', it.method, 'model', it.model, 'encoder', it.encoder,
  'labels', it.labels, 'report', it.report, 'digest', it.digest,
  'created', to_char(it.created AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
$sibyl$;

COMMENT ON FUNCTION sibyl.describe_classifier(sibyl.classifiers) IS 'A classifier without its weights, as the bridge is told of it.';

REVOKE ALL ON FUNCTION sibyl.describe_classifier(sibyl.classifiers) FROM PUBLIC;

-- Ends keeping a column fresh. The column stays, with its answers.
CREATE OR REPLACE FUNCTION sibyl.detach_column(
  table_name text, column_name text, path text DEFAULT current_setting('search_path')
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it CONSTANT sibyl.ai_column := sibyl.column_named('detach_column', table_name, column_name, path);
BEGIN
  PERFORM sibyl.drop_triggers(it.id);
  DELETE FROM sibyl.column_change AS n WHERE n.ai_column = it.id;
  DELETE FROM sibyl.ai_column AS c WHERE c.id = it.id;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.detach_column(text, text, text) IS 'Ends keeping a column fresh; the column stays, with its answers.';

REVOKE ALL ON FUNCTION sibyl.detach_column(text, text, text) FROM PUBLIC;

-- Gives up this session's connection to the bridge. On the first failure that is all, and the caller tries once
-- more: the bridge may have been restarted. Otherwise it raises the error that says what to do.
CREATE OR REPLACE FUNCTION sibyl.disconnect(
  function_name text, is_first_failure boolean, state text, message text, detail text
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
BEGIN
  IF 'sibyl' = ANY (sibyl.dblink_get_connections()) THEN
    PERFORM sibyl.dblink_disconnect('sibyl');
  END IF;
  -- 08001: a new connection was refused, so another one would be, too.
  IF state = '08001' OR NOT is_first_failure THEN
    RAISE EXCEPTION USING
      ERRCODE = 'connection_failure',
      MESSAGE = format('%s: the Sibyl bridge at %s does not answer', function_name, sibyl.address()),
      DETAIL = coalesce(nullif(btrim(regexp_replace(coalesce(nullif(detail, ''), message), '[[:space:]]+', ' ', 'g')), ''), 'No reason given.'),
      HINT = 'Start it with: sibyl bridge --dsn postgresql://… Answers that are cached come without it.';
  END IF;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.disconnect(text, boolean, text, text, text) IS 'Gives up a connection that failed, and says what to do about it.';

REVOKE ALL ON FUNCTION sibyl.disconnect(text, boolean, text, text, text) FROM PUBLIC;

-- Forgets a job. Its target stays, with what is written.
CREATE OR REPLACE FUNCTION sibyl.drop_job(name text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  dropped CONSTANT bigint := (SELECT j.id FROM sibyl.job AS j WHERE j.name = drop_job.name);
BEGIN
  -- In the order in which workers lock: first the chunks, then the job.
  DELETE FROM sibyl.job_chunk AS c WHERE c.job = dropped;
  PERFORM sibyl.job_named('drop_job', name);
  DELETE FROM sibyl.job AS j WHERE j.id = dropped;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.drop_job(text) IS 'Forgets a job; its target stays.';

REVOKE ALL ON FUNCTION sibyl.drop_job(text) FROM PUBLIC;

-- Takes a column's triggers away, or those of all columns.
CREATE OR REPLACE FUNCTION sibyl.drop_triggers(column_id bigint DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT t.tgname, t.tgrelid::regclass AS source FROM pg_trigger AS t
    WHERE t.tgfoid = 'sibyl.note_changes'::regproc
      AND (column_id IS NULL OR t.tgname LIKE format('sibyl\_%s\_%%', column_id))
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one.source);
  END LOOP;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.drop_triggers(bigint) IS 'Takes away the triggers of a column that is kept fresh.';

REVOKE ALL ON FUNCTION sibyl.drop_triggers(bigint) FROM PUBLIC;

-- Another mark than that of texts: an embedding is not the text that looks like it.
CREATE OR REPLACE FUNCTION sibyl.embedding_key_part(argument text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
AS $sibyl$
-- Part of Sibyl.
SELECT CASE WHEN $1 IS NULL THEN E'\\x00'::bytea
  ELSE E'\\x02'::bytea || int4send(octet_length($1)) || convert_to($1, 'UTF8') END
$sibyl$;

COMMENT ON FUNCTION sibyl.embedding_key_part(text) IS 'The part of a cache key that an embedding makes.';

REVOKE ALL ON FUNCTION sibyl.embedding_key_part(text) FROM PUBLIC;

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

COMMENT ON FUNCTION sibyl.finish_changes(bigint, uuid, text, text[], text[], text[], text[], text[]) IS 'Writes the answers of changed rows.';

REVOKE ALL ON FUNCTION sibyl.finish_changes(bigint, uuid, text, text[], text[], text[], text[], text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.finish_chunk(
  job_id bigint, chunk_number integer, token uuid, model text, keys text[], answers text[], failed_keys text[],
  errors text[]
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  chunk sibyl.job_chunk;
  job sibyl.job;
  refused record;
BEGIN
  SELECT c.* INTO chunk FROM sibyl.job_chunk AS c WHERE c.job = job_id AND c.number = chunk_number FOR UPDATE;
  IF (chunk.lease = token) IS NOT TRUE THEN
    RETURN false;
  END IF;
  SELECT j.* INTO job FROM sibyl.job AS j WHERE j.id = job_id;
  refused := sibyl.write_answers(
    format(
      'INSERT INTO %s (%I, result) SELECT one.key::%s, one.answer%s FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS one (key, answer) '
      'ON CONFLICT DO NOTHING', job.target, job.key_column, job.key_type, job.answer_cast),
    job.path, finish_chunk.keys, finish_chunk.answers);
  INSERT INTO sibyl.job_failure AS f (job, key, error, worker)
  SELECT job_id, one.key, one.error, chunk.worker
  FROM unnest(failed_keys || refused.failed_keys, finish_chunk.errors || refused.errors) AS one (key, error)
  ON CONFLICT ON CONSTRAINT job_failure_pkey
    DO UPDATE SET error = excluded.error, worker = excluded.worker, failed = excluded.failed;
  UPDATE sibyl.job_chunk AS c SET state = 'finished', keys = NULL, lease = NULL, lease_until = NULL, last_error = NULL,
    finished = clock_timestamp(), written = cardinality(finish_chunk.keys) - cardinality(refused.failed_keys),
    skipped = c.rows - cardinality(finish_chunk.keys) - cardinality(finish_chunk.failed_keys)
  WHERE c.job = job_id AND c.number = chunk_number;
  -- Not before the work is done: two that end at once must see one another, but not wait for one another's writing.
  SELECT j.* INTO job FROM sibyl.job AS j WHERE j.id = job_id FOR NO KEY UPDATE;
  IF (job.state IN ('running', 'paused')) IS NOT TRUE OR job.model <> finish_chunk.model THEN
    RAISE EXCEPTION USING ERRCODE = 'SB001', MESSAGE = 'the job was cancelled, or belongs to another model';
  END IF;
  IF NOT EXISTS (SELECT FROM sibyl.job_chunk AS c WHERE c.job = job_id AND c.state <> 'finished') THEN
    UPDATE sibyl.job AS j SET state = 'finished', finished = clock_timestamp() WHERE j.id = job_id;
  END IF;
  IF job.model IS NULL AND finish_chunk.model IS NOT NULL THEN
    UPDATE sibyl.job AS j SET model = finish_chunk.model WHERE j.id = job_id;
  END IF;
  RETURN true;
EXCEPTION
  WHEN SQLSTATE 'SB001' THEN
    RETURN false;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.finish_chunk(bigint, integer, uuid, text, text[], text[], text[], text[]) IS 'Writes the answers of a chunk of a job, and ends it.';

REVOKE ALL ON FUNCTION sibyl.finish_chunk(bigint, integer, uuid, text, text[], text[], text[], text[]) FROM PUBLIC;

-- Writes what a worker has computed and ends its lease, in one transaction.
-- Returns false, and writes nothing, where the work is not this worker's any more.
CREATE OR REPLACE FUNCTION sibyl.finish_work(
  id bigint, number integer, token uuid, model text, leased text[], keys text[], answers text[], failed_keys text[],
  errors text[]
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET intervalstyle = 'postgres'
AS $sibyl$
-- Part of Sibyl.
BEGIN
  IF number IS NULL THEN
    RETURN sibyl.finish_changes(id, token, model, leased, keys, answers, failed_keys, errors);
  END IF;
  RETURN sibyl.finish_chunk(id, number, token, model, keys, answers, failed_keys, errors);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.finish_work(bigint, integer, uuid, text, text[], text[], text[], text[], text[]) IS 'Writes what a worker has computed, and ends its lease.';

REVOKE ALL ON FUNCTION sibyl.finish_work(bigint, integer, uuid, text, text[], text[], text[], text[], text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.health(OUT ok boolean, OUT detail text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  message text;
  reason text;
BEGIN
  SELECT true, format('sibyl %s at %s, up %s, %s requests, %s waiting', status.version, sibyl.address(),
    date_trunc('second', status.uptime), status.requests, status.queue_length)
  INTO ok, detail
  FROM sibyl.bridge_status() AS status;
  IF ok IS NULL THEN
    ok := false;
    detail := 'the bridge gave no status';
  END IF;
EXCEPTION
  WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, reason = PG_EXCEPTION_DETAIL;
    ok := false;
    detail := message || coalesce(' (' || nullif(reason, '') || ')', '');
END
$sibyl$;

COMMENT ON FUNCTION sibyl.health() IS 'Whether the bridge answers, without an error if it does not. Example: SELECT * FROM sibyl.health();';

REVOKE ALL ON FUNCTION sibyl.health() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sibyl.health() TO PUBLIC;

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

COMMENT ON FUNCTION sibyl.held_changes(bigint, uuid, text[]) IS 'Locks a worker''s notes of changed rows, but waits for none.';

REVOKE ALL ON FUNCTION sibyl.held_changes(bigint, uuid, text[]) FROM PUBLIC;

-- A job by its name, locked.
CREATE OR REPLACE FUNCTION sibyl.job_named(caller text, name text) RETURNS sibyl.job
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  job sibyl.job;
BEGIN
  SELECT j.* INTO job FROM sibyl.job AS j WHERE j.name = job_named.name FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING
      ERRCODE = 'undefined_object',
      MESSAGE = format('%s: there is no job %s', caller, coalesce('"' || job_named.name || '"', 'NULL')),
      HINT = 'SELECT name, state FROM sibyl.jobs lists them.';
  END IF;
  RETURN job;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.job_named(text, text) IS 'A job by its name, locked.';

REVOKE ALL ON FUNCTION sibyl.job_named(text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.json_text(argument text) RETURNS text
LANGUAGE plpgsql STABLE
AS $sibyl$
-- Part of Sibyl.
-- What is no array or object goes to the bridge as it is: its error says what the function expects, and
-- PostgreSQL's could not.
BEGIN
  IF pg_catalog.left(pg_catalog.ltrim(argument, E' \t\n\r'), 1) OPERATOR(pg_catalog.=) ANY ('{[,"{"}') THEN
    RETURN argument::pg_catalog.jsonb::pg_catalog.text;
  END IF;
  RETURN argument;
EXCEPTION
  WHEN data_exception THEN
    RETURN argument;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.json_text(text) IS 'The canonical text of an argument of JSON.';

REVOKE ALL ON FUNCTION sibyl.json_text(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sibyl.json_text(text) TO PUBLIC;

-- Written so that the planner puts the expression in place of the call.
CREATE OR REPLACE FUNCTION sibyl.key_part(argument text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
AS $sibyl$
-- Part of Sibyl.
SELECT CASE WHEN $1 IS NULL THEN E'\\x00'::bytea
  ELSE E'\\x01'::bytea || int4send(octet_length($1)) || convert_to($1, 'UTF8') END
$sibyl$;

COMMENT ON FUNCTION sibyl.key_part(text) IS 'The part of a cache key that an argument makes.';

REVOKE ALL ON FUNCTION sibyl.key_part(text) FROM PUBLIC;

-- Leases changed rows of a column that nobody is at, or whose worker let the lease run out.
CREATE OR REPLACE FUNCTION sibyl.lease_changes(
  column_id bigint, worker text, lease interval, token uuid, most_rows integer, OUT number integer, OUT keys text[]
)
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  most_attempts CONSTANT integer := 20;
  given_up text[];
BEGIN
  WITH wanted AS (
    SELECT n.key FROM sibyl.column_change AS n
    WHERE n.ai_column = column_id AND (n.lease_until IS NULL OR n.lease_until < clock_timestamp())
    LIMIT most_rows FOR UPDATE SKIP LOCKED
  ), leased AS (
    UPDATE sibyl.column_change AS n SET lease = token, lease_until = clock_timestamp() + lease_changes.lease,
      worker = lease_changes.worker, attempts = n.attempts + 1
    FROM wanted WHERE n.ai_column = column_id AND n.key = wanted.key
    RETURNING n.key, n.attempts
  )
  SELECT array_agg(l.key) FILTER (WHERE l.attempts <= most_attempts),
    array_agg(l.key) FILTER (WHERE l.attempts > most_attempts)
  INTO keys, given_up FROM leased AS l;
  IF given_up IS NOT NULL THEN
    PERFORM sibyl.finish_changes(column_id, token, NULL, given_up, '{}', '{}', given_up,
      array_fill(format('given up after %s attempts', most_attempts), ARRAY[cardinality(given_up)]));
  END IF;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.lease_changes(bigint, text, interval, uuid, integer) IS 'Leases rows of a column that changed.';

REVOKE ALL ON FUNCTION sibyl.lease_changes(bigint, text, interval, uuid, integer) FROM PUBLIC;

-- Leases a chunk of a job that nobody is at, or whose worker let the lease run out. Time is the database's.
CREATE OR REPLACE FUNCTION sibyl.lease_chunk(
  job_id bigint, worker text, lease interval, token uuid, OUT number integer, OUT keys text[]
)
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  -- A chunk that ended so many workers, or was given back so often, is not worth another one.
  most_attempts CONSTANT integer := 20;
  chunk sibyl.job_chunk;
BEGIN
  LOOP
    SELECT c.* INTO chunk FROM sibyl.job_chunk AS c
    WHERE c.job = job_id AND c.state <> 'finished' AND (c.state = 'waiting' OR c.lease_until < clock_timestamp())
    -- Those that went wrong come last, so that they do not keep others waiting.
    ORDER BY c.last_error IS NOT NULL, c.number LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      RETURN;
    END IF;
    UPDATE sibyl.job_chunk AS c SET state = 'leased', lease = token, lease_until = clock_timestamp() + lease_chunk.lease,
      worker = lease_chunk.worker, attempts = c.attempts + 1, started = clock_timestamp()
    WHERE c.job = job_id AND c.number = chunk.number;
    UPDATE sibyl.job AS j SET started = clock_timestamp() WHERE j.id = job_id AND j.started IS NULL;
    EXIT WHEN chunk.attempts < most_attempts;
    PERFORM sibyl.finish_chunk(job_id, chunk.number, token, NULL, '{}', '{}', chunk.keys, array_fill(
      format('given up after %s attempts: %s', chunk.attempts,
        coalesce(chunk.last_error, 'the worker ended each time, the last one was ' || chunk.worker)),
      ARRAY[cardinality(chunk.keys)]));
  END LOOP;
  number := chunk.number;
  keys := chunk.keys;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.lease_chunk(bigint, text, interval, uuid) IS 'Leases a chunk of a job.';

REVOKE ALL ON FUNCTION sibyl.lease_chunk(bigint, text, interval, uuid) FROM PUBLIC;

-- Gives a worker something to do: a chunk of a job, or rows of a column that changed. No row where there is nothing.
--
-- Which work comes first is left to chance, so that none waits for the end of another.
CREATE OR REPLACE FUNCTION sibyl.lease_work(worker text, avoided bigint[]) RETURNS TABLE (
  id bigint, number integer, token uuid, function text, model text, argument_types text[], reading text, path text,
  keys text[], lease_seconds double precision
)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
#variable_conflict use_column
DECLARE
  new_token CONSTANT uuid := gen_random_uuid();
  candidate record;
  taken record;
BEGIN
  FOR candidate IN
    SELECT w.* FROM (
      SELECT j.id, j.function, j.model, j.argument_types, j.reading, j.path, j.lease, NULL::integer AS batch_rows
      FROM sibyl.job AS j WHERE j.state = 'running' AND j.id <> ALL (avoided)
      UNION ALL
      SELECT c.id, c.function, c.model, c.argument_types, c.reading, c.path, c.lease, c.batch_rows
      FROM sibyl.ai_column AS c JOIN pg_class AS p ON p.oid = c.source
      WHERE c.state = 'running' AND c.id <> ALL (avoided)
    ) AS w
    ORDER BY random()
  LOOP
    IF candidate.batch_rows IS NULL THEN
      taken := sibyl.lease_chunk(candidate.id, worker, candidate.lease, new_token);
    ELSE
      taken := sibyl.lease_changes(candidate.id, worker, candidate.lease, new_token, candidate.batch_rows);
    END IF;
    IF cardinality(taken.keys) > 0 THEN
      RETURN QUERY SELECT candidate.id, taken.number, new_token, candidate.function, candidate.model,
        candidate.argument_types, candidate.reading, candidate.path, taken.keys,
        extract(epoch FROM candidate.lease)::double precision;
      RETURN;
    END IF;
  END LOOP;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.lease_work(text, bigint[]) IS 'Gives a worker something to do.';

REVOKE ALL ON FUNCTION sibyl.lease_work(text, bigint[]) FROM PUBLIC;

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

COMMENT ON FUNCTION sibyl.note_changes() IS 'The trigger of columns that are kept fresh.';

REVOKE ALL ON FUNCTION sibyl.note_changes() FROM PUBLIC;

-- Says that something is in sibyl.feedback from now on. Harmless to call without: looking for nothing takes a moment.
CREATE OR REPLACE FUNCTION sibyl.note_corrections() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
UPDATE sibyl.function AS known SET has_corrections = true WHERE NOT known.has_corrections
$sibyl$;

COMMENT ON FUNCTION sibyl.note_corrections() IS 'Says that there are corrections.';

REVOKE ALL ON FUNCTION sibyl.note_corrections() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sibyl.note_corrections() TO PUBLIC;

-- All rows of a table are gone: nothing has to be computed any more, and answers beside it go, too.
CREATE OR REPLACE FUNCTION sibyl.note_truncation(column_id bigint) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it sibyl.ai_column;
BEGIN
  SELECT c.* INTO it FROM sibyl.ai_column AS c WHERE c.id = column_id;
  IF it.target <> it.source AND EXISTS (SELECT FROM pg_class AS p WHERE p.oid = it.target) THEN
    EXECUTE format('DELETE FROM %s', it.target);
  END IF;
  DELETE FROM sibyl.column_change AS n WHERE n.ai_column = column_id;
  DELETE FROM sibyl.column_failure AS f WHERE f.ai_column = column_id;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.note_truncation(bigint) IS 'Forgets what was noted of a table that is empty now.';

REVOKE ALL ON FUNCTION sibyl.note_truncation(bigint) FROM PUBLIC;

-- No chunk is begun any more. Those under way are finished, so that nothing is computed in vain.
CREATE OR REPLACE FUNCTION sibyl.pause_job(name text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  job CONSTANT sibyl.job := sibyl.job_named('pause_job', name);
BEGIN
  IF job.state NOT IN ('running', 'paused') THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('pause_job: the job "%s" is %s already', job.name, job.state);
  END IF;
  UPDATE sibyl.job AS j SET state = 'paused' WHERE j.id = job.id;
  RETURN 'paused';
END
$sibyl$;

COMMENT ON FUNCTION sibyl.pause_job(text) IS 'Lets a job rest; chunks under way are finished.';

REVOKE ALL ON FUNCTION sibyl.pause_job(text) FROM PUBLIC;

-- Computes what is missing of a batch of distinct texts and returns how many those were.
CREATE OR REPLACE FUNCTION sibyl.prefetch_batch(function_name text, texts text[], arguments text[])
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  other record;
BEGIN
  other := sibyl.prefetch_arguments(function_name, arguments);
  RETURN (sibyl.answers(function_name, texts, other.earlier_keys, other.keys, other.earlier_literals, other.literals,
    other.classifier, other.corrected)).computed;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.prefetch_batch(text, text[], text[]) IS 'Computes what is missing of a batch of ai_prefetch.';

REVOKE ALL ON FUNCTION sibyl.prefetch_batch(text, text[], text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sibyl.prefetch_batch(text, text[], text[]) TO PUBLIC;

-- Which of some keys the table of a column has, looked up under the path of whoever asked for the column.
CREATE OR REPLACE FUNCTION sibyl.present_keys(it sibyl.ai_column, keys text[], locking text) RETURNS text[]
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  statement CONSTANT text := format(
    'SELECT pg_catalog.array_agg(one.key) FROM (SELECT source.%I::pg_catalog.text AS key FROM %s AS source '
    'WHERE source.%I = ANY ($1::pg_catalog.text[]::%s[]) %s) AS one',
    it.key_column, it.source, it.key_column, it.key_type, locking);
  present text[];
BEGIN
  PERFORM set_config('search_path', it.path, true);
  EXECUTE statement INTO present USING keys;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  RETURN coalesce(present, '{}');
END
$sibyl$;

COMMENT ON FUNCTION sibyl.present_keys(sibyl.ai_column, text[], text) IS 'Which of some keys the table of a column has.';

REVOKE ALL ON FUNCTION sibyl.present_keys(sibyl.ai_column, text[], text) FROM PUBLIC;

-- Sends a part of what a call is about, which would not fit into the call itself. Everybody's functions use it: what was
-- sent is good for the calls of this session only.
CREATE OR REPLACE FUNCTION sibyl.put_part(function_name text, upload uuid, is_first boolean, content text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  is_first_failure boolean := is_first;
  state text;
  message text;
  detail text;
BEGIN
  LOOP
    BEGIN
      PERFORM sibyl.connect();
      PERFORM FROM sibyl.dblink('sibyl', format('SELECT * FROM sibyl_put(%L, %L, %L)', upload, is_first, content))
        AS reply (ticket text, answer text);
      RETURN;
    EXCEPTION
      WHEN connection_exception OR admin_shutdown OR crash_shutdown OR cannot_connect_now OR internal_error THEN
        GET STACKED DIAGNOSTICS
          state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        -- dblink calls it an internal error that it could not send. Other ones are the bridge's own.
        IF state = 'XX000' AND message NOT LIKE 'could not send query%' THEN
          RAISE;
        END IF;
        -- What was sent before is lost with the connection: only a first part can be sent again.
        PERFORM sibyl.disconnect(function_name, is_first_failure, state, message, detail);
        is_first_failure := false;
    END;
  END LOOP;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.put_part(text, uuid, boolean, text) IS 'Sends a part of what a call is about.';

REVOKE ALL ON FUNCTION sibyl.put_part(text, uuid, boolean, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sibyl.put_part(text, uuid, boolean, text) TO PUBLIC;

-- Notes every row of a column's table, and every answer beside it whose row is gone.
CREATE OR REPLACE FUNCTION sibyl.queue_column(column_id bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it sibyl.ai_column;
  queued bigint;
BEGIN
  SELECT c.* INTO it FROM sibyl.ai_column AS c WHERE c.id = column_id;
  EXECUTE format(
    'INSERT INTO sibyl.column_change (ai_column, key) SELECT %s, one.key FROM (SELECT source.%I::text FROM %s AS source '
    'UNION SELECT answered.%I::text FROM %s AS answered) AS one (key) '
    'ON CONFLICT (ai_column, key) DO UPDATE SET noted = clock_timestamp(), lease = NULL, lease_until = NULL, attempts = 0',
    column_id, it.key_column, it.source, it.key_column, it.target);
  GET DIAGNOSTICS queued = ROW_COUNT;
  RETURN queued;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.queue_column(bigint) IS 'Notes every row of a column.';

REVOKE ALL ON FUNCTION sibyl.queue_column(bigint) FROM PUBLIC;

-- Queues every row of a column: after another model was chosen, or after a table was changed behind its triggers' back.
CREATE OR REPLACE FUNCTION sibyl.refresh_column(
  table_name text, column_name text, path text DEFAULT current_setting('search_path')
) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET intervalstyle = 'postgres'
SET extra_float_digits = 1
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it CONSTANT sibyl.ai_column := sibyl.column_named('refresh_column', table_name, column_name, path);
  queued bigint;
BEGIN
  DELETE FROM sibyl.column_failure AS f WHERE f.ai_column = it.id;
  -- Whoever writes at this moment ends before: two who note rows in different orders are a deadlock.
  EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', it.source);
  queued := sibyl.queue_column(it.id);
  UPDATE sibyl.ai_column AS c SET state = 'running', last_error = NULL, model = NULL WHERE c.id = it.id;
  PERFORM pg_notify('sibyl_work', '');
  RETURN queued;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.refresh_column(text, text, text) IS 'Has every row of a column computed anew.';

REVOKE ALL ON FUNCTION sibyl.refresh_column(text, text, text) FROM PUBLIC;

-- Gives work back that was not done. An error is kept for sibyl.jobs and sibyl.columns; one that every worker would
-- meet pauses the work. An attempt counts that the work itself may be to blame for: after many, its rows are given up.
CREATE OR REPLACE FUNCTION sibyl.release_work(
  id bigint, number integer, token uuid, keys text[], error text, pauses boolean, counts boolean
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  held text[];
BEGIN
  IF release_work.number IS NULL THEN
    -- In the order of refresh_column.
    IF error IS NOT NULL THEN
      PERFORM FROM sibyl.ai_column AS c WHERE c.id = release_work.id FOR NO KEY UPDATE;
    END IF;
    held := sibyl.held_changes(release_work.id, token, keys);
    UPDATE sibyl.column_change AS n SET lease = NULL, lease_until = NULL,
      attempts = n.attempts - CASE WHEN counts THEN 0 ELSE 1 END
    WHERE n.ai_column = release_work.id AND n.key = ANY (held);
    IF FOUND AND error IS NOT NULL THEN
      UPDATE sibyl.ai_column AS c SET last_error = error,
        state = CASE WHEN pauses THEN 'paused' ELSE c.state END
      WHERE c.id = release_work.id;
    END IF;
    RETURN;
  END IF;
  UPDATE sibyl.job_chunk AS c SET state = 'waiting', lease = NULL, lease_until = NULL, last_error = error,
    attempts = c.attempts - CASE WHEN counts THEN 0 ELSE 1 END
  WHERE c.job = release_work.id AND c.number = release_work.number AND c.lease = token;
  IF FOUND AND pauses THEN
    UPDATE sibyl.job AS j SET state = 'paused', last_error = error WHERE j.id = release_work.id AND j.state = 'running';
  END IF;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.release_work(bigint, integer, uuid, text[], text, boolean, boolean) IS 'Gives work back that was not done.';

REVOKE ALL ON FUNCTION sibyl.release_work(bigint, integer, uuid, text[], text, boolean, boolean) FROM PUBLIC;

-- Makes a lease last longer.
-- Returns whether the work is still wanted of this worker: false where another one has it now, or nobody wants it.
CREATE OR REPLACE FUNCTION sibyl.renew_work(id bigint, number integer, token uuid, keys text[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  held text[];
BEGIN
  IF renew_work.number IS NULL THEN
    held := sibyl.held_changes(renew_work.id, token, keys);
    UPDATE sibyl.column_change AS n SET lease_until = clock_timestamp() + c.lease
    FROM sibyl.ai_column AS c
    WHERE c.id = renew_work.id AND n.ai_column = c.id AND n.key = ANY (held);
  ELSE
    UPDATE sibyl.job_chunk AS c SET lease_until = clock_timestamp() + j.lease
    FROM sibyl.job AS j
    WHERE j.id = renew_work.id AND j.state IN ('running', 'paused') AND c.job = j.id AND c.number = renew_work.number
      AND c.lease = token;
  END IF;
  RETURN FOUND;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.renew_work(bigint, integer, uuid, text[]) IS 'Makes a worker''s lease last longer.';

REVOKE ALL ON FUNCTION sibyl.renew_work(bigint, integer, uuid, text[]) FROM PUBLIC;

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

COMMENT ON FUNCTION sibyl.require_target(text, text, text, text, text, text, text) IS 'Makes or checks the table that answers go to.';

REVOKE ALL ON FUNCTION sibyl.require_target(text, text, text, text, text, text, text) FROM PUBLIC;

-- Tells, before anything is computed, that its result could not be stored.
CREATE OR REPLACE FUNCTION sibyl.require_writable(function_name text, table_name text) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  needed CONSTANT pg_catalog.text := pg_catalog.concat('sibyl.', table_name);
BEGIN
  IF NOT (pg_catalog.has_table_privilege(needed, 'SELECT') AND pg_catalog.has_table_privilege(needed, 'INSERT')
    AND pg_catalog.has_table_privilege(needed, 'UPDATE'))
  THEN
    RAISE EXCEPTION USING
      ERRCODE = 'insufficient_privilege',
      MESSAGE = pg_catalog.format('%s: the role "%s" may not store anything in %s; nothing was stored', function_name,
        current_user, needed),
      HINT = pg_catalog.format('The owner of Sibyl''s tables allows it by: GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I;',
        needed, current_user);
  END IF;
  IF pg_catalog.current_setting('transaction_read_only') OPERATOR(pg_catalog.=) 'on' THEN
    RAISE EXCEPTION USING
      ERRCODE = 'read_only_sql_transaction',
      MESSAGE = pg_catalog.format('%s: nothing can be stored in a read-only transaction; nothing was stored',
        function_name);
  END IF;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.require_writable(text, text) IS 'Tells that a result could not be stored.';

REVOKE ALL ON FUNCTION sibyl.require_writable(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sibyl.require_writable(text, text) TO PUBLIC;

-- Goes on with a job that was paused, by somebody or because of an error, with whatever model is there now.
CREATE OR REPLACE FUNCTION sibyl.resume_job(name text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  job CONSTANT sibyl.job := sibyl.job_named('resume_job', name);
BEGIN
  IF job.state NOT IN ('running', 'paused') THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('resume_job: the job "%s" is %s already', job.name, job.state),
      HINT = 'Create a new job with the same target: rows that the target has are left out.';
  END IF;
  UPDATE sibyl.job AS j SET state = 'running', last_error = NULL, model = NULL WHERE j.id = job.id;
  PERFORM pg_notify('sibyl_work', '');
  RETURN 'running';
END
$sibyl$;

COMMENT ON FUNCTION sibyl.resume_job(text) IS 'Goes on with a job that rests.';

REVOKE ALL ON FUNCTION sibyl.resume_job(text) FROM PUBLIC;

-- Queues the rows of a column again that failed, and goes on with one that was paused because of an error, with
-- whatever model is there now.
CREATE OR REPLACE FUNCTION sibyl.retry_column(
  table_name text, column_name text, path text DEFAULT current_setting('search_path')
) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it CONSTANT sibyl.ai_column := sibyl.column_named('retry_column', table_name, column_name, path);
  queued bigint;
BEGIN
  WITH gone AS (DELETE FROM sibyl.column_failure AS f WHERE f.ai_column = it.id RETURNING f.key)
  INSERT INTO sibyl.column_change AS n (ai_column, key) SELECT it.id, gone.key FROM gone
  ON CONFLICT (ai_column, key) DO UPDATE SET noted = clock_timestamp(), lease = NULL, lease_until = NULL, attempts = 0;
  GET DIAGNOSTICS queued = ROW_COUNT;
  UPDATE sibyl.ai_column AS c SET state = 'running', last_error = NULL, model = NULL WHERE c.id = it.id;
  PERFORM pg_notify('sibyl_work', '');
  RETURN queued;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.retry_column(text, text, text) IS 'Has the rows of a column computed again that failed.';

REVOKE ALL ON FUNCTION sibyl.retry_column(text, text, text) FROM PUBLIC;

-- Queues the rows of a job again that failed.
CREATE OR REPLACE FUNCTION sibyl.retry_job(name text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  job CONSTANT sibyl.job := sibyl.job_named('retry_job', name);
  last_number CONSTANT integer := (SELECT max(c.number) FROM sibyl.job_chunk AS c WHERE c.job = job.id);
  failed text[];
BEGIN
  IF job.state = 'cancelled' THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('retry_job: the job "%s" is cancelled already', job.name),
      HINT = 'Create a new job with the same target: rows that the target has are left out.';
  END IF;
  WITH gone AS (DELETE FROM sibyl.job_failure AS f WHERE f.job = job.id RETURNING f.key)
  SELECT array_agg(gone.key) INTO failed FROM gone;
  IF failed IS NULL THEN
    RETURN 0;
  END IF;
  INSERT INTO sibyl.job_chunk (job, number, keys, rows)
  SELECT job.id, last_number + 1 + (one.place - 1) / job.chunk_rows, array_agg(one.key ORDER BY one.place), count(*)
  FROM unnest(failed) WITH ORDINALITY AS one (key, place) GROUP BY 2;
  UPDATE sibyl.job AS j SET state = CASE WHEN job.state = 'paused' THEN 'paused' ELSE 'running' END, last_error = NULL,
    finished = NULL
  WHERE j.id = job.id;
  PERFORM pg_notify('sibyl_work', '');
  RETURN cardinality(failed);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.retry_job(text) IS 'Has the rows of a job computed again that failed.';

REVOKE ALL ON FUNCTION sibyl.retry_job(text) FROM PUBLIC;

-- Sends a classifier to a bridge that does not have it yet.
CREATE OR REPLACE FUNCTION sibyl.send_classifier(function_name text, classifier_name text, classifier_digest text)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  bytes_at_once CONSTANT integer := 4194304;
  upload CONSTANT uuid := gen_random_uuid();
  it sibyl.classifiers;
BEGIN
  SELECT c.* INTO it FROM sibyl.classifiers AS c WHERE c.name = classifier_name AND c.digest = classifier_digest;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('%s: the classifier "%s" was trained anew, or removed, since the statement began', function_name,
        classifier_name),
      HINT = 'Run the statement again.';
  END IF;
  PERFORM sibyl.put_part(function_name, upload, true,
    json_build_object('classifiers', json_build_array(sibyl.describe_classifier(it)))::text);
  FOR place IN 0 .. (octet_length(it.weights) - 1) / bytes_at_once LOOP
    PERFORM sibyl.put_part(function_name, upload, false, json_build_object('weights',
      encode(substring(it.weights FROM place * bytes_at_once + 1 FOR bytes_at_once), 'hex'))::text);
  END LOOP;
  PERFORM FROM sibyl.dblink('sibyl', format('SELECT * FROM sibyl_keep(%L)', upload))
    AS reply (ticket text, answer text);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.send_classifier(text, text, text) IS 'Sends a classifier to the bridge.';

REVOKE ALL ON FUNCTION sibyl.send_classifier(text, text, text) FROM PUBLIC;

-- Runs a query and sends its rows to the bridge, for a call that is about them.
--
-- Runs with the rights and the search_path of whoever calls it, for the sake of the query. Nothing else here may
-- depend on that path: operators and functions are named with their schema. In collecting mode the query runs for the
-- calls that it makes itself.
CREATE OR REPLACE FUNCTION sibyl.send_rows(function_name text, argument text, query text) RETURNS uuid
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  upload CONSTANT pg_catalog.uuid := pg_catalog.gen_random_uuid();
  is_collecting CONSTANT boolean :=
    (pg_catalog.current_setting('sibyl.collect', true) OPERATOR(pg_catalog.=) 'on') IS TRUE;
  most_rows CONSTANT integer := 2000;
  most_bytes CONSTANT integer := 1048576;
  found record;
  batch pg_catalog.text[] := '{}';
  batch_bytes integer := 0;
  is_first boolean := true;
  message pg_catalog.text;
BEGIN
  BEGIN
    FOR found IN EXECUTE pg_catalog.concat(
      'SELECT (SELECT pg_catalog.json_agg(cell.value ORDER BY cell.place) ',
      'FROM pg_catalog.json_each(pg_catalog.row_to_json(sibyl_row)) WITH ORDINALITY AS cell (key, value, place)',
      ')::pg_catalog.text AS cells FROM (',
      -- A semicolon at the end is usual; a comment there must not swallow what follows.
      pg_catalog.rtrim(query, E' \t\n\r;'), E'\n) AS sibyl_row')
    LOOP
      CONTINUE WHEN is_collecting;
      batch := pg_catalog.array_append(batch, found.cells);
      batch_bytes := batch_bytes OPERATOR(pg_catalog.+) pg_catalog.octet_length(found.cells);
      IF pg_catalog.cardinality(batch) OPERATOR(pg_catalog.>=) most_rows
        OR batch_bytes OPERATOR(pg_catalog.>=) most_bytes
      THEN
        PERFORM sibyl.put_part(function_name, upload, is_first,
          pg_catalog.concat('{"rows":[', pg_catalog.array_to_string(batch, ','), ']}'));
        is_first := false;
        batch := '{}';
        batch_bytes := 0;
      END IF;
    END LOOP;
  EXCEPTION
    WHEN syntax_error_or_access_rule_violation OR feature_not_supported THEN
      GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
      RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value',
        MESSAGE = pg_catalog.format('%s: argument %s must be one SELECT; PostgreSQL says: %s', function_name, argument,
          message);
  END;
  IF NOT is_collecting AND (is_first OR batch OPERATOR(pg_catalog.<>) '{}') THEN
    PERFORM sibyl.put_part(function_name, upload, is_first,
      pg_catalog.concat('{"rows":[', pg_catalog.array_to_string(batch, ','), ']}'));
  END IF;
  RETURN CASE WHEN NOT is_collecting THEN upload END;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.send_rows(text, text, text) IS 'Sends the rows of a query to the bridge.';

REVOKE ALL ON FUNCTION sibyl.send_rows(text, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sibyl.send_rows(text, text, text) TO PUBLIC;

-- What stands behind the arguments in the key of an answer that depends on a classifier, on a correction, or on both.
CREATE OR REPLACE FUNCTION sibyl.session_key_part(classifier_digest text, corrected_label text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
AS $sibyl$
-- Part of Sibyl.
SELECT CASE WHEN $1 IS NULL THEN ''::bytea
    ELSE E'\\x04'::bytea || int4send(octet_length($1)) || convert_to($1, 'UTF8') END
  || CASE WHEN $2 IS NULL THEN ''::bytea
    ELSE E'\\x05'::bytea || int4send(octet_length($2)) || convert_to($2, 'UTF8') END
$sibyl$;

COMMENT ON FUNCTION sibyl.session_key_part(text, text) IS 'The part of a cache key that a classifier and a correction make.';

REVOKE ALL ON FUNCTION sibyl.session_key_part(text, text) FROM PUBLIC;

-- Embeddings as an array of two dimensions, which can't have a hole: a NULL becomes a row of NULLs.
CREATE OR REPLACE FUNCTION sibyl.stack_embeddings(embeddings text[]) RETURNS real[]
LANGUAGE plpgsql STABLE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  dimensions integer := 1;
  known text;
BEGIN
  SELECT one.embedding INTO known
  FROM unnest(embeddings) AS one (embedding) WHERE one.embedding IS NOT NULL LIMIT 1;
  IF FOUND THEN
    dimensions := cardinality(known::real[]);
  END IF;
  RETURN coalesce(
    (SELECT array_agg(coalesce(one.embedding::real[], array_fill(NULL::real, ARRAY[dimensions])) ORDER BY one.place)
     FROM unnest(embeddings) WITH ORDINALITY AS one (embedding, place)),
    '{}');
END
$sibyl$;

COMMENT ON FUNCTION sibyl.stack_embeddings(text[]) IS 'Turns embeddings into an array of two dimensions.';

REVOKE ALL ON FUNCTION sibyl.stack_embeddings(text[]) FROM PUBLIC;

-- Stores what a call has brought, with the rights of whoever called: those on the tables say who may train and correct.
CREATE OR REPLACE FUNCTION sibyl.store_results(results text[]) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  result pg_catalog.text;
  content pg_catalog.json;
BEGIN
  FOREACH result IN ARRAY results LOOP
    content := result::pg_catalog.json;
    IF pg_catalog.json_extract_path(content, 'classifier') IS NOT NULL THEN
      INSERT INTO sibyl.classifiers AS known (name, method, model, encoder, labels, report, digest, weights, created, created_by)
      SELECT c.name, c.method, c.model, c.encoder, c.labels, c.report, c.digest, pg_catalog.decode(c.weights, 'hex'),
        c.created, current_user
      FROM pg_catalog.json_to_record(pg_catalog.json_extract_path(content, 'classifier')) AS c (
        name pg_catalog.text, method pg_catalog.text, model pg_catalog.text, encoder pg_catalog.text,
        labels pg_catalog.text[], report pg_catalog.json, digest pg_catalog.text, weights pg_catalog.text,
        created pg_catalog.timestamptz)
      ON CONFLICT (name) DO UPDATE SET method = excluded.method, model = excluded.model, encoder = excluded.encoder,
        labels = excluded.labels, report = excluded.report, digest = excluded.digest, weights = excluded.weights,
        created = excluded.created, created_by = excluded.created_by;
    END IF;
    IF pg_catalog.json_extract_path(content, 'correction') IS NOT NULL THEN
      INSERT INTO sibyl.feedback AS known (name, key, text, label, created, created_by)
      SELECT f.name, pg_catalog.sha256(pg_catalog.convert_to(f.text, 'UTF8')), f.text, f.label,
        pg_catalog.clock_timestamp(), current_user
      FROM pg_catalog.json_to_record(pg_catalog.json_extract_path(content, 'correction')) AS f (
        name pg_catalog.text, text pg_catalog.text, label pg_catalog.text)
      ON CONFLICT (name, key) DO UPDATE SET label = excluded.label, created = excluded.created,
        created_by = excluded.created_by;
      PERFORM sibyl.note_corrections();
    END IF;
  END LOOP;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.store_results(text[]) IS 'Stores what a call has brought.';

REVOKE ALL ON FUNCTION sibyl.store_results(text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sibyl.store_results(text[]) TO PUBLIC;

-- Another mark than that of a text, then how many there are: a group of one text is not the text.
CREATE OR REPLACE FUNCTION sibyl.texts_key_part(texts text[]) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
AS $sibyl$
-- Part of Sibyl.
SELECT E'\\x03'::bytea || int4send(cardinality($1)) || coalesce((
  SELECT string_agg(sibyl.key_part(one.element), ''::bytea ORDER BY one.place)
  FROM unnest($1) WITH ORDINALITY AS one (element, place)), ''::bytea)
$sibyl$;

COMMENT ON FUNCTION sibyl.texts_key_part(text[]) IS 'The part of a cache key that the texts of a group make.';

REVOKE ALL ON FUNCTION sibyl.texts_key_part(text[]) FROM PUBLIC;

-- Writes answers by a statement that takes keys and answers as arrays, under the path of whoever asked for them: a
-- trigger of theirs may need it, and so may the operators of a type. Where a row can't be written (a constraint, a
-- trigger of the user's that refuses it), the others are written all the same.
CREATE OR REPLACE FUNCTION sibyl.write_answers(
  statement text, path text, keys text[], answers text[], OUT failed_keys text[], OUT errors text[]
)
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
BEGIN
  failed_keys := '{}';
  errors := '{}';
  IF cardinality(keys) = 0 THEN
    RETURN;
  END IF;
  BEGIN
    PERFORM set_config('search_path', path, true);
    EXECUTE statement USING keys, answers;
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    RETURN;
  EXCEPTION
    WHEN integrity_constraint_violation OR data_exception OR raise_exception OR with_check_option_violation THEN
      NULL;
  END;
  FOR place IN 1 .. cardinality(keys) LOOP
    BEGIN
      PERFORM set_config('search_path', path, true);
      EXECUTE statement USING keys[place : place], answers[place : place];
      PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    EXCEPTION
      WHEN integrity_constraint_violation OR data_exception OR raise_exception OR with_check_option_violation THEN
        failed_keys := failed_keys || keys[place];
        errors := errors || SQLERRM;
    END;
  END LOOP;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.write_answers(text, text, text[], text[]) IS 'Writes answers, and says which can''t be written.';

REVOKE ALL ON FUNCTION sibyl.write_answers(text, text, text[], text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_cache_stats() RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN sibyl.call_one('ai_cache_stats', '', NULL)::jsonb;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_cache_stats() IS 'What the result cache did in this process and what it holds, as a JSON object. Example: SELECT jsonb_typeof(ai_cache_stats());';

REVOKE ALL ON FUNCTION public.ai_cache_stats() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_cache_stats() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_classify("text" text, "labels" text, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := sibyl.json_text($2);
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
  answers text[];
  corrected_label text;
  may_be_corrected boolean;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT known.has_corrections, CASE WHEN NOT known.has_corrections THEN (
    SELECT ARRAY[cached.answer] FROM sibyl.cache AS cached
    WHERE cached.key = sha256(known.fingerprint || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3))) END
  INTO may_be_corrected, answers
  FROM sibyl.function AS known WHERE known.name = 'ai_classify';
  IF answers IS NOT NULL THEN
    RETURN answers[1];
  END IF;
  IF may_be_corrected IS NOT FALSE THEN
    SELECT told.label INTO corrected_label FROM sibyl.feedback AS told
    WHERE told.name = 'ai_classify'
      AND told.key = sha256(convert_to($1, 'UTF8'));
    SELECT cached.answer INTO answer FROM sibyl.cache AS cached
    WHERE cached.key = sha256(
      (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_classify')
      || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3) || sibyl.session_key_part(NULL, corrected_label));
    IF FOUND THEN
      RETURN answer;
    END IF;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_classify', $1, sibyl.json_text($2), $3::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_classify', format(', %L, %L, %L::jsonb', $1, argument_2, argument_3), CASE WHEN corrected_label IS NOT NULL THEN sibyl.call_context(NULL, NULL, ARRAY[corrected_label]) END);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_classify(text, text, jsonb) IS 'Which of the given labels fits a text best. Example: SELECT ai_classify(''The parcel came two weeks late'', ARRAY[''billing'',''shipping'',''product quality'']);';

REVOKE ALL ON FUNCTION public.ai_classify(text, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_classify(text, text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_classify("text" text[], "labels" text, "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := sibyl.json_text($2);
  argument_3 CONSTANT text := $3::pg_catalog.text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_classify', $1, ''::bytea, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), '', format(', %L, %L::jsonb', argument_2, argument_3), NULL, 'ai_classify')).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_classify(text[], text, jsonb) IS 'For each element of an array. Which of the given labels fits a text best.';

REVOKE ALL ON FUNCTION public.ai_classify(text[], text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_classify(text[], text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_classify("text" text, "labels" jsonb, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
  answers text[];
  corrected_label text;
  may_be_corrected boolean;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT known.has_corrections, CASE WHEN NOT known.has_corrections THEN (
    SELECT ARRAY[cached.answer] FROM sibyl.cache AS cached
    WHERE cached.key = sha256(known.fingerprint || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3))) END
  INTO may_be_corrected, answers
  FROM sibyl.function AS known WHERE known.name = 'ai_classify';
  IF answers IS NOT NULL THEN
    RETURN answers[1];
  END IF;
  IF may_be_corrected IS NOT FALSE THEN
    SELECT told.label INTO corrected_label FROM sibyl.feedback AS told
    WHERE told.name = 'ai_classify'
      AND told.key = sha256(convert_to($1, 'UTF8'));
    SELECT cached.answer INTO answer FROM sibyl.cache AS cached
    WHERE cached.key = sha256(
      (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_classify')
      || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3) || sibyl.session_key_part(NULL, corrected_label));
    IF FOUND THEN
      RETURN answer;
    END IF;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_classify', $1, $2::pg_catalog.text, $3::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_classify', format(', %L, %L::jsonb, %L::jsonb', $1, argument_2, argument_3), CASE WHEN corrected_label IS NOT NULL THEN sibyl.call_context(NULL, NULL, ARRAY[corrected_label]) END);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_classify(text, jsonb, jsonb) IS 'Which of the given labels fits a text best. Example: SELECT ai_classify(''The parcel came two weeks late'', ARRAY[''billing'',''shipping'',''product quality'']);';

REVOKE ALL ON FUNCTION public.ai_classify(text, jsonb, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_classify(text, jsonb, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_classify("text" text[], "labels" jsonb, "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_classify', $1, ''::bytea, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), '', format(', %L::jsonb, %L::jsonb', argument_2, argument_3), NULL, 'ai_classify')).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_classify(text[], jsonb, jsonb) IS 'For each element of an array. Which of the given labels fits a text best.';

REVOKE ALL ON FUNCTION public.ai_classify(text[], jsonb, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_classify(text[], jsonb, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_classify("text" text, "labels" text[], "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := pg_catalog.to_jsonb($2)::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
  answers text[];
  corrected_label text;
  may_be_corrected boolean;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT known.has_corrections, CASE WHEN NOT known.has_corrections THEN (
    SELECT ARRAY[cached.answer] FROM sibyl.cache AS cached
    WHERE cached.key = sha256(known.fingerprint || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3))) END
  INTO may_be_corrected, answers
  FROM sibyl.function AS known WHERE known.name = 'ai_classify';
  IF answers IS NOT NULL THEN
    RETURN answers[1];
  END IF;
  IF may_be_corrected IS NOT FALSE THEN
    SELECT told.label INTO corrected_label FROM sibyl.feedback AS told
    WHERE told.name = 'ai_classify'
      AND told.key = sha256(convert_to($1, 'UTF8'));
    SELECT cached.answer INTO answer FROM sibyl.cache AS cached
    WHERE cached.key = sha256(
      (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_classify')
      || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3) || sibyl.session_key_part(NULL, corrected_label));
    IF FOUND THEN
      RETURN answer;
    END IF;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_classify', $1, pg_catalog.to_jsonb($2)::pg_catalog.text, $3::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_classify', format(', %L, %L::jsonb, %L::jsonb', $1, argument_2, argument_3), CASE WHEN corrected_label IS NOT NULL THEN sibyl.call_context(NULL, NULL, ARRAY[corrected_label]) END);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_classify(text, text[], jsonb) IS 'Which of the given labels fits a text best. Example: SELECT ai_classify(''The parcel came two weeks late'', ARRAY[''billing'',''shipping'',''product quality'']);';

REVOKE ALL ON FUNCTION public.ai_classify(text, text[], jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_classify(text, text[], jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_classify("text" text[], "labels" text[], "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := pg_catalog.to_jsonb($2)::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_classify', $1, ''::bytea, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), '', format(', %L::jsonb, %L::jsonb', argument_2, argument_3), NULL, 'ai_classify')).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_classify(text[], text[], jsonb) IS 'For each element of an array. Which of the given labels fits a text best.';

REVOKE ALL ON FUNCTION public.ai_classify(text[], text[], jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_classify(text[], text[], jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_config("key" text) RETURNS text
LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN sibyl.call_one('ai_config', format(', %L, NULL', $1), NULL);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_config(text) IS 'Reads a setting of this process, or changes it. Example: SELECT ai_config(''embedding_model'');';

REVOKE ALL ON FUNCTION public.ai_config(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_config(text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_config("key" text, "value" text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_config', format(', %L, %L', $1, $2), NULL);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_config(text, text) IS 'Reads a setting of this process, or changes it. Example: SELECT ai_config(''embedding_model'');';

REVOKE ALL ON FUNCTION public.ai_config(text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_count_tokens("text" text, "model" text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_count_tokens', format(', %L, %L', $1, $2), NULL)::bigint;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_count_tokens(text, text) IS 'How many tokens a model cuts a text into. Example: SELECT ai_count_tokens(''Hello, world!'');';

REVOKE ALL ON FUNCTION public.ai_count_tokens(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_count_tokens(text, text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_count_tokens("text" text[], "model" text DEFAULT NULL) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_count_tokens', $1, ''::bytea, NULL, '', format(', %L', $2), NULL, NULL)).answers::bigint[];
END
$sibyl$;

COMMENT ON FUNCTION public.ai_count_tokens(text[], text) IS 'For each element of an array. How many tokens a model cuts a text into.';

REVOKE ALL ON FUNCTION public.ai_count_tokens(text[], text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_count_tokens(text[], text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_distill("name" text, "sql" text, "labels" text, "options" jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  sent pg_catalog.uuid;
  answers pg_catalog.text[];
BEGIN
  IF $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM sibyl.require_writable('ai_distill', 'classifiers');
  sent := sibyl.send_rows('ai_distill', '2 (sql)', $2);
  IF pg_catalog.current_setting('sibyl.collect', true) OPERATOR(pg_catalog.=) 'on' THEN
    RETURN NULL;
  END IF;
  answers := sibyl.call_in_session('ai_distill', ARRAY[$1, $2, sibyl.json_text($3), $4::pg_catalog.text]::pg_catalog.text[], sent,
    NULL, NULL, false);
  PERFORM sibyl.store_results(answers[2:]);
  RETURN answers[1]::pg_catalog.jsonb;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_distill(text, text, text, jsonb) IS 'Trains a classifier on what a large model says about a sample of texts. Example: SELECT report->>''from'', report->>''sample'', report->>''kept'' FROM ai_distill(''topics'', ''VALUES (''''The striker won the match.''''), (''''The goalkeeper lost the final.''''), (''''The champion broke the record.''''), (''''The bank sold its shares.''''), (''''The retailer reported a loss.''''), (''''The insurer paid a dividend.'''')'', ARRAY[''sports'', ''business'']) AS report;';

REVOKE ALL ON FUNCTION public.ai_distill(text, text, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_distill(text, text, text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_distill("name" text, "sql" text, "labels" jsonb, "options" jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  sent pg_catalog.uuid;
  answers pg_catalog.text[];
BEGIN
  IF $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM sibyl.require_writable('ai_distill', 'classifiers');
  sent := sibyl.send_rows('ai_distill', '2 (sql)', $2);
  IF pg_catalog.current_setting('sibyl.collect', true) OPERATOR(pg_catalog.=) 'on' THEN
    RETURN NULL;
  END IF;
  answers := sibyl.call_in_session('ai_distill', ARRAY[$1, $2, $3::pg_catalog.text, $4::pg_catalog.text]::pg_catalog.text[], sent,
    NULL, NULL, false);
  PERFORM sibyl.store_results(answers[2:]);
  RETURN answers[1]::pg_catalog.jsonb;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_distill(text, text, jsonb, jsonb) IS 'Trains a classifier on what a large model says about a sample of texts. Example: SELECT report->>''from'', report->>''sample'', report->>''kept'' FROM ai_distill(''topics'', ''VALUES (''''The striker won the match.''''), (''''The goalkeeper lost the final.''''), (''''The champion broke the record.''''), (''''The bank sold its shares.''''), (''''The retailer reported a loss.''''), (''''The insurer paid a dividend.'''')'', ARRAY[''sports'', ''business'']) AS report;';

REVOKE ALL ON FUNCTION public.ai_distill(text, text, jsonb, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_distill(text, text, jsonb, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_distill("name" text, "sql" text, "labels" text[], "options" jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  sent pg_catalog.uuid;
  answers pg_catalog.text[];
BEGIN
  IF $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM sibyl.require_writable('ai_distill', 'classifiers');
  sent := sibyl.send_rows('ai_distill', '2 (sql)', $2);
  IF pg_catalog.current_setting('sibyl.collect', true) OPERATOR(pg_catalog.=) 'on' THEN
    RETURN NULL;
  END IF;
  answers := sibyl.call_in_session('ai_distill', ARRAY[$1, $2, pg_catalog.to_jsonb($3)::pg_catalog.text, $4::pg_catalog.text]::pg_catalog.text[], sent,
    NULL, NULL, false);
  PERFORM sibyl.store_results(answers[2:]);
  RETURN answers[1]::pg_catalog.jsonb;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_distill(text, text, text[], jsonb) IS 'Trains a classifier on what a large model says about a sample of texts. Example: SELECT report->>''from'', report->>''sample'', report->>''kept'' FROM ai_distill(''topics'', ''VALUES (''''The striker won the match.''''), (''''The goalkeeper lost the final.''''), (''''The champion broke the record.''''), (''''The bank sold its shares.''''), (''''The retailer reported a loss.''''), (''''The insurer paid a dividend.'''')'', ARRAY[''sports'', ''business'']) AS report;';

REVOKE ALL ON FUNCTION public.ai_distill(text, text, text[], jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_distill(text, text, text[], jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_embed("text" text, "model" text DEFAULT NULL) RETURNS real[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  answer text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_embed')
    || sibyl.key_part($1) || sibyl.key_part($2));
  IF FOUND THEN
    RETURN answer::real[];
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_embed', $1, $2);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_embed', format(', %L, %L', $1, $2), NULL)::real[];
END
$sibyl$;

COMMENT ON FUNCTION public.ai_embed(text, text) IS 'The embedding of a text: a vector that lies near those of texts with a similar meaning. Example: SELECT cardinality(ai_embed(''The parcel never arrived'')::real[]);';

REVOKE ALL ON FUNCTION public.ai_embed(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_embed(text, text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_embed("text" text[], "model" text DEFAULT NULL) RETURNS real[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN sibyl.stack_embeddings((sibyl.answers('ai_embed', $1, ''::bytea, sibyl.key_part($2), '', format(', %L', $2), NULL, NULL)).answers);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_embed(text[], text) IS 'For each element of an array. The embedding of a text: a vector that lies near those of texts with a similar meaning.';

REVOKE ALL ON FUNCTION public.ai_embed(text[], text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_embed(text[], text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_emotion("text" text, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  answer text;
  answers text[];
  corrected_label text;
  may_be_corrected boolean;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT known.has_corrections, CASE WHEN NOT known.has_corrections THEN (
    SELECT ARRAY[cached.answer] FROM sibyl.cache AS cached
    WHERE cached.key = sha256(known.fingerprint || sibyl.key_part($1) || sibyl.key_part(argument_2))) END
  INTO may_be_corrected, answers
  FROM sibyl.function AS known WHERE known.name = 'ai_emotion';
  IF answers IS NOT NULL THEN
    RETURN answers[1];
  END IF;
  IF may_be_corrected IS NOT FALSE THEN
    SELECT told.label INTO corrected_label FROM sibyl.feedback AS told
    WHERE told.name = 'ai_emotion'
      AND told.key = sha256(convert_to($1, 'UTF8'));
    SELECT cached.answer INTO answer FROM sibyl.cache AS cached
    WHERE cached.key = sha256(
      (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_emotion')
      || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.session_key_part(NULL, corrected_label));
    IF FOUND THEN
      RETURN answer;
    END IF;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_emotion', $1, $2::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_emotion', format(', %L, %L::jsonb', $1, argument_2), CASE WHEN corrected_label IS NOT NULL THEN sibyl.call_context(NULL, NULL, ARRAY[corrected_label]) END);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_emotion(text, jsonb) IS 'The emotion in a text: anger, joy, optimism or sadness. Example: SELECT ai_emotion(''Nobody answers my mails and they charged me twice!'');';

REVOKE ALL ON FUNCTION public.ai_emotion(text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_emotion(text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_emotion("text" text[], "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_emotion', $1, ''::bytea, sibyl.key_part(argument_2), '', format(', %L::jsonb', argument_2), NULL, 'ai_emotion')).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_emotion(text[], jsonb) IS 'For each element of an array. The emotion in a text: anger, joy, optimism or sadness.';

REVOKE ALL ON FUNCTION public.ai_emotion(text[], jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_emotion(text[], jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_evaluate("sql" text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE COST 1000
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  sent pg_catalog.uuid;
  answers pg_catalog.text[];
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  sent := sibyl.send_rows('ai_evaluate', '1 (sql)', $1);
  IF pg_catalog.current_setting('sibyl.collect', true) OPERATOR(pg_catalog.=) 'on' THEN
    RETURN NULL;
  END IF;
  answers := sibyl.call_in_session('ai_evaluate', ARRAY[$1]::pg_catalog.text[], sent,
    NULL, NULL, false);
  RETURN answers[1]::pg_catalog.jsonb;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_evaluate(text) IS 'How accurate predictions are, for rows whose right labels are known. Example: SELECT ai_evaluate(''SELECT ai_sentiment(body), mood FROM (VALUES (''''It works perfectly'''', ''''positive''''), (''''Broken again'''', ''''negative'''')) AS labelled (body, mood)'') ->> ''accuracy'';';

REVOKE ALL ON FUNCTION public.ai_evaluate(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_evaluate(text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_extract("text" text, "fields" jsonb, "options" jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_extract')
    || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3));
  IF FOUND THEN
    RETURN answer::jsonb;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_extract', $1, $2::pg_catalog.text, $3::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_extract', format(', %L, %L::jsonb, %L::jsonb', $1, argument_2, argument_3), NULL)::jsonb;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_extract(text, jsonb, jsonb) IS 'What a text says about given fields, as a JSON object. Example: SELECT jsonb_typeof(ai_extract(''Anna Berg from Oslo paid 40 euros'', ''{"name":"string","amount":"number"}''));';

REVOKE ALL ON FUNCTION public.ai_extract(text, jsonb, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_extract(text, jsonb, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_extract("text" text[], "fields" jsonb, "options" jsonb DEFAULT NULL) RETURNS jsonb[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_extract', $1, ''::bytea, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), '', format(', %L::jsonb, %L::jsonb', argument_2, argument_3), NULL, NULL)).answers::jsonb[];
END
$sibyl$;

COMMENT ON FUNCTION public.ai_extract(text[], jsonb, jsonb) IS 'For each element of an array. What a text says about given fields, as a JSON object.';

REVOKE ALL ON FUNCTION public.ai_extract(text[], jsonb, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_extract(text[], jsonb, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_feedback("function_or_classifier" text, "text" text, "right_label" text) RETURNS text
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE COST 1000
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  sent pg_catalog.uuid;
  answers pg_catalog.text[];
BEGIN
  IF $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM sibyl.require_writable('ai_feedback', 'feedback');
  IF pg_catalog.current_setting('sibyl.collect', true) OPERATOR(pg_catalog.=) 'on' THEN
    RETURN NULL;
  END IF;
  answers := sibyl.call_in_session('ai_feedback', ARRAY[$1, $2, $3]::pg_catalog.text[], sent,
    $1, NULL, false);
  PERFORM sibyl.store_results(answers[2:]);
  RETURN answers[1]::pg_catalog.text;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_feedback(text, text, text) IS 'Stores the right label of a text, which is answered so from then on. Example: SELECT ai_feedback(''ai_sentiment'', ''Not bad at all, given the price'', ''positive'');';

REVOKE ALL ON FUNCTION public.ai_feedback(text, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_feedback(text, text, text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_filter("text" text, "condition" text, "options" jsonb DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_filter')
    || sibyl.key_part($1) || sibyl.key_part($2) || sibyl.key_part(argument_3));
  IF FOUND THEN
    RETURN answer::boolean;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_filter', $1, $2, $3::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_filter', format(', %L, %L, %L::jsonb', $1, $2, argument_3), NULL)::boolean;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_filter(text, text, jsonb) IS 'Whether a text meets a condition that is told in words: 1 or 0. Example: SELECT ai_filter(''I want my money back'', ''the writer asks for a refund'');';

REVOKE ALL ON FUNCTION public.ai_filter(text, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_filter(text, text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_filter("text" text[], "condition" text, "options" jsonb DEFAULT NULL) RETURNS boolean[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_3 CONSTANT text := $3::pg_catalog.text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_filter', $1, ''::bytea, sibyl.key_part($2) || sibyl.key_part(argument_3), '', format(', %L, %L::jsonb', $2, argument_3), NULL, NULL)).answers::boolean[];
END
$sibyl$;

COMMENT ON FUNCTION public.ai_filter(text[], text, jsonb) IS 'For each element of an array. Whether a text meets a condition that is told in words: 1 or 0.';

REVOKE ALL ON FUNCTION public.ai_filter(text[], text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_filter(text[], text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_fix_grammar("text" text, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_fix_grammar')
    || sibyl.key_part($1) || sibyl.key_part(argument_2));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_fix_grammar', $1, $2::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_fix_grammar', format(', %L, %L::jsonb', $1, argument_2), NULL);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_fix_grammar(text, jsonb) IS 'A text with its spelling and grammar put right. Example: SELECT ai_fix_grammar(''she go to school every days'');';

REVOKE ALL ON FUNCTION public.ai_fix_grammar(text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_fix_grammar(text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_fix_grammar("text" text[], "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_fix_grammar', $1, ''::bytea, sibyl.key_part(argument_2), '', format(', %L::jsonb', argument_2), NULL, NULL)).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_fix_grammar(text[], jsonb) IS 'For each element of an array. A text with its spelling and grammar put right.';

REVOKE ALL ON FUNCTION public.ai_fix_grammar(text[], jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_fix_grammar(text[], jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_generate("prompt" text, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_generate')
    || sibyl.key_part($1) || sibyl.key_part(argument_2));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_generate', $1, $2::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_generate', format(', %L, %L::jsonb', $1, argument_2), NULL);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_generate(text, jsonb) IS 'What a language model answers to a prompt. Example: SELECT ai_generate(''Name the capital of France in one word.'', ''{"max_tokens": 8}'');';

REVOKE ALL ON FUNCTION public.ai_generate(text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_generate(text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_generate("prompt" text[], "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_generate', $1, ''::bytea, sibyl.key_part(argument_2), '', format(', %L::jsonb', argument_2), NULL, NULL)).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_generate(text[], jsonb) IS 'For each element of an array. What a language model answers to a prompt.';

REVOKE ALL ON FUNCTION public.ai_generate(text[], jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_generate(text[], jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_gen("prompt" text, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_generate')
    || sibyl.key_part($1) || sibyl.key_part(argument_2));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_generate', $1, $2::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_generate', format(', %L, %L::jsonb', $1, argument_2), NULL);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_gen(text, jsonb) IS 'What a language model answers to a prompt. Example: SELECT ai_generate(''Name the capital of France in one word.'', ''{"max_tokens": 8}'');';

REVOKE ALL ON FUNCTION public.ai_gen(text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_gen(text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_gen("prompt" text[], "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_generate', $1, ''::bytea, sibyl.key_part(argument_2), '', format(', %L::jsonb', argument_2), NULL, NULL)).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_gen(text[], jsonb) IS 'For each element of an array. What a language model answers to a prompt.';

REVOKE ALL ON FUNCTION public.ai_gen(text[], jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_gen(text[], jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_generation_stats() RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN sibyl.call_one('ai_generation_stats', '', NULL)::jsonb;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_generation_stats() IS 'What the decoders in memory have read and written in this process, as a JSON object. Example: SELECT jsonb_typeof(ai_generation_stats());';

REVOKE ALL ON FUNCTION public.ai_generation_stats() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_generation_stats() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_mask("text" text, "entities" text, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := sibyl.json_text($2);
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_mask')
    || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_mask', $1, sibyl.json_text($2), $3::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_mask', format(', %L, %L, %L::jsonb', $1, argument_2, argument_3), NULL);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_mask(text, text, jsonb) IS 'A text with personal data replaced by [MASKED]. Example: SELECT ai_mask(''Write to anna@example.com or call +49 30 901820'', ''["email","phone"]'');';

REVOKE ALL ON FUNCTION public.ai_mask(text, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_mask(text, text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_mask("text" text[], "entities" text, "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := sibyl.json_text($2);
  argument_3 CONSTANT text := $3::pg_catalog.text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_mask', $1, ''::bytea, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), '', format(', %L, %L::jsonb', argument_2, argument_3), NULL, NULL)).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_mask(text[], text, jsonb) IS 'For each element of an array. A text with personal data replaced by [MASKED].';

REVOKE ALL ON FUNCTION public.ai_mask(text[], text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_mask(text[], text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_mask("text" text, "entities" jsonb, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_mask')
    || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_mask', $1, $2::pg_catalog.text, $3::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_mask', format(', %L, %L::jsonb, %L::jsonb', $1, argument_2, argument_3), NULL);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_mask(text, jsonb, jsonb) IS 'A text with personal data replaced by [MASKED]. Example: SELECT ai_mask(''Write to anna@example.com or call +49 30 901820'', ''["email","phone"]'');';

REVOKE ALL ON FUNCTION public.ai_mask(text, jsonb, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_mask(text, jsonb, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_mask("text" text[], "entities" jsonb, "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_mask', $1, ''::bytea, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), '', format(', %L::jsonb, %L::jsonb', argument_2, argument_3), NULL, NULL)).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_mask(text[], jsonb, jsonb) IS 'For each element of an array. A text with personal data replaced by [MASKED].';

REVOKE ALL ON FUNCTION public.ai_mask(text[], jsonb, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_mask(text[], jsonb, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_mask("text" text, "entities" text[], "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := pg_catalog.to_jsonb($2)::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_mask')
    || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_mask', $1, pg_catalog.to_jsonb($2)::pg_catalog.text, $3::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_mask', format(', %L, %L::jsonb, %L::jsonb', $1, argument_2, argument_3), NULL);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_mask(text, text[], jsonb) IS 'A text with personal data replaced by [MASKED]. Example: SELECT ai_mask(''Write to anna@example.com or call +49 30 901820'', ''["email","phone"]'');';

REVOKE ALL ON FUNCTION public.ai_mask(text, text[], jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_mask(text, text[], jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_mask("text" text[], "entities" text[], "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := pg_catalog.to_jsonb($2)::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_mask', $1, ''::bytea, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), '', format(', %L::jsonb, %L::jsonb', argument_2, argument_3), NULL, NULL)).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_mask(text[], text[], jsonb) IS 'For each element of an array. A text with personal data replaced by [MASKED].';

REVOKE ALL ON FUNCTION public.ai_mask(text[], text[], jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_mask(text[], text[], jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_predict("name" text, "text" text, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
  classifier_digest text;
  answers text[];
  corrected_label text;
  may_be_corrected boolean;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT known.digest INTO classifier_digest FROM sibyl.classifiers AS known WHERE known.name = $1;
  SELECT known.has_corrections, CASE WHEN NOT known.has_corrections THEN (
    SELECT ARRAY[cached.answer] FROM sibyl.cache AS cached
    WHERE cached.key = sha256(known.fingerprint || sibyl.key_part($1) || sibyl.key_part($2) || sibyl.key_part(argument_3) || sibyl.session_key_part(classifier_digest, NULL))) END
  INTO may_be_corrected, answers
  FROM sibyl.function AS known WHERE known.name = 'ai_predict';
  IF answers IS NOT NULL THEN
    RETURN answers[1];
  END IF;
  IF may_be_corrected IS NOT FALSE THEN
    SELECT told.label INTO corrected_label FROM sibyl.feedback AS told
    WHERE told.name = $1
      AND told.key = sha256(convert_to($2, 'UTF8'));
    SELECT cached.answer INTO answer FROM sibyl.cache AS cached
    WHERE cached.key = sha256(
      (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_predict')
      || sibyl.key_part($1) || sibyl.key_part($2) || sibyl.key_part(argument_3) || sibyl.session_key_part(classifier_digest, corrected_label));
    IF FOUND THEN
      RETURN answer;
    END IF;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_predict', $2, $1, $3::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_predict', format(', %L, %L, %L::jsonb', $1, $2, argument_3), sibyl.call_context($1, classifier_digest, ARRAY[corrected_label]));
END
$sibyl$;

COMMENT ON FUNCTION public.ai_predict(text, text, jsonb) IS 'The label that a trained classifier gives a text.';

REVOKE ALL ON FUNCTION public.ai_predict(text, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_predict(text, text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_predict("name" text, "text" text[], "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_3 CONSTANT text := $3::pg_catalog.text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_predict', $2, sibyl.key_part($1), sibyl.key_part(argument_3), format(', %L', $1), format(', %L::jsonb', argument_3), $1, $1)).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_predict(text, text[], jsonb) IS 'For each element of an array. The label that a trained classifier gives a text.';

REVOKE ALL ON FUNCTION public.ai_predict(text, text[], jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_predict(text, text[], jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_predict_proba("name" text, "text" text) RETURNS jsonb
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  answer text;
  classifier_digest text;
  answers text[];
  corrected_label text;
  may_be_corrected boolean;
BEGIN
  SELECT known.digest INTO classifier_digest FROM sibyl.classifiers AS known WHERE known.name = $1;
  SELECT known.has_corrections, CASE WHEN NOT known.has_corrections THEN (
    SELECT ARRAY[cached.answer] FROM sibyl.cache AS cached
    WHERE cached.key = sha256(known.fingerprint || sibyl.key_part($1) || sibyl.key_part($2) || sibyl.session_key_part(classifier_digest, NULL))) END
  INTO may_be_corrected, answers
  FROM sibyl.function AS known WHERE known.name = 'ai_predict_proba';
  IF answers IS NOT NULL THEN
    RETURN answers[1]::jsonb;
  END IF;
  IF may_be_corrected IS NOT FALSE THEN
    SELECT told.label INTO corrected_label FROM sibyl.feedback AS told
    WHERE told.name = $1
      AND told.key = sha256(convert_to($2, 'UTF8'));
    SELECT cached.answer INTO answer FROM sibyl.cache AS cached
    WHERE cached.key = sha256(
      (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_predict_proba')
      || sibyl.key_part($1) || sibyl.key_part($2) || sibyl.session_key_part(classifier_digest, corrected_label));
    IF FOUND THEN
      RETURN answer::jsonb;
    END IF;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_predict_proba', $2, $1);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_predict_proba', format(', %L, %L', $1, $2), sibyl.call_context($1, classifier_digest, ARRAY[corrected_label]))::jsonb;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_predict_proba(text, text) IS 'The probability of each label that a trained classifier gives a text, as JSON.';

REVOKE ALL ON FUNCTION public.ai_predict_proba(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_predict_proba(text, text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_predict_proba("name" text, "text" text[]) RETURNS jsonb[]
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN (sibyl.answers('ai_predict_proba', $2, sibyl.key_part($1), ''::bytea, format(', %L', $1), '', $1, $1)).answers::jsonb[];
END
$sibyl$;

COMMENT ON FUNCTION public.ai_predict_proba(text, text[]) IS 'For each element of an array. The probability of each label that a trained classifier gives a text, as JSON.';

REVOKE ALL ON FUNCTION public.ai_predict_proba(text, text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_predict_proba(text, text[]) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_score("text" text, "query" text) RETURNS double precision
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  answer text;
BEGIN
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_score')
    || sibyl.key_part($1) || sibyl.key_part($2));
  IF FOUND THEN
    RETURN answer::double precision;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_score', $1, $2);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_score', format(', %L, %L', $1, $2), NULL)::double precision;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_score(text, text) IS 'How relevant a text is to a query, from 0 to 1. Example: SELECT ai_score(''I want my money back'', ''refund'') > ai_score(''The weather is lovely'', ''refund'');';

REVOKE ALL ON FUNCTION public.ai_score(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_score(text, text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_score("text" text[], "query" text) RETURNS double precision[]
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN (sibyl.answers('ai_score', $1, ''::bytea, sibyl.key_part($2), '', format(', %L', $2), NULL, NULL)).answers::double precision[];
END
$sibyl$;

COMMENT ON FUNCTION public.ai_score(text[], text) IS 'For each element of an array. How relevant a text is to a query, from 0 to 1.';

REVOKE ALL ON FUNCTION public.ai_score(text[], text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_score(text[], text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_sentiment("text" text) RETURNS text
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  answer text;
  answers text[];
  corrected_label text;
  may_be_corrected boolean;
BEGIN
  SELECT known.has_corrections, CASE WHEN NOT known.has_corrections THEN (
    SELECT ARRAY[cached.answer] FROM sibyl.cache AS cached
    WHERE cached.key = sha256(known.fingerprint || sibyl.key_part($1))) END
  INTO may_be_corrected, answers
  FROM sibyl.function AS known WHERE known.name = 'ai_sentiment';
  IF answers IS NOT NULL THEN
    RETURN answers[1];
  END IF;
  IF may_be_corrected IS NOT FALSE THEN
    SELECT told.label INTO corrected_label FROM sibyl.feedback AS told
    WHERE told.name = 'ai_sentiment'
      AND told.key = sha256(convert_to($1, 'UTF8'));
    SELECT cached.answer INTO answer FROM sibyl.cache AS cached
    WHERE cached.key = sha256(
      (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_sentiment')
      || sibyl.key_part($1) || sibyl.session_key_part(NULL, corrected_label));
    IF FOUND THEN
      RETURN answer;
    END IF;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_sentiment', $1);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_sentiment', format(', %L', $1), CASE WHEN corrected_label IS NOT NULL THEN sibyl.call_context(NULL, NULL, ARRAY[corrected_label]) END);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_sentiment(text) IS 'The mood of a text: positive, negative or neutral. Example: SELECT ai_sentiment(''I waited three weeks and it arrived broken'');';

REVOKE ALL ON FUNCTION public.ai_sentiment(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_sentiment(text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_sentiment("text" text[]) RETURNS text[]
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN (sibyl.answers('ai_sentiment', $1, ''::bytea, ''::bytea, '', '', NULL, 'ai_sentiment')).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_sentiment(text[]) IS 'For each element of an array. The mood of a text: positive, negative or neutral.';

REVOKE ALL ON FUNCTION public.ai_sentiment(text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_sentiment(text[]) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_sentiment_score("text" text) RETURNS double precision
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  answer text;
  answers text[];
  corrected_label text;
  may_be_corrected boolean;
BEGIN
  SELECT known.has_corrections, CASE WHEN NOT known.has_corrections THEN (
    SELECT ARRAY[cached.answer] FROM sibyl.cache AS cached
    WHERE cached.key = sha256(known.fingerprint || sibyl.key_part($1))) END
  INTO may_be_corrected, answers
  FROM sibyl.function AS known WHERE known.name = 'ai_sentiment_score';
  IF answers IS NOT NULL THEN
    RETURN answers[1]::double precision;
  END IF;
  IF may_be_corrected IS NOT FALSE THEN
    SELECT told.label INTO corrected_label FROM sibyl.feedback AS told
    WHERE told.name = 'ai_sentiment'
      AND told.key = sha256(convert_to($1, 'UTF8'));
    SELECT cached.answer INTO answer FROM sibyl.cache AS cached
    WHERE cached.key = sha256(
      (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_sentiment_score')
      || sibyl.key_part($1) || sibyl.session_key_part(NULL, corrected_label));
    IF FOUND THEN
      RETURN answer::double precision;
    END IF;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_sentiment_score', $1);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_sentiment_score', format(', %L', $1), CASE WHEN corrected_label IS NOT NULL THEN sibyl.call_context(NULL, NULL, ARRAY[corrected_label]) END)::double precision;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_sentiment_score(text) IS 'The mood of a text as a number, from -1 (negative) to 1 (positive). Example: SELECT ai_sentiment_score(''Terrible, I want my money back'') < -0.5;';

REVOKE ALL ON FUNCTION public.ai_sentiment_score(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_sentiment_score(text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_sentiment_score("text" text[]) RETURNS double precision[]
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN (sibyl.answers('ai_sentiment_score', $1, ''::bytea, ''::bytea, '', '', NULL, 'ai_sentiment')).answers::double precision[];
END
$sibyl$;

COMMENT ON FUNCTION public.ai_sentiment_score(text[]) IS 'For each element of an array. The mood of a text as a number, from -1 (negative) to 1 (positive).';

REVOKE ALL ON FUNCTION public.ai_sentiment_score(text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_sentiment_score(text[]) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_similarity("a" text, "b" text) RETURNS double precision
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  answer text;
BEGIN
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_similarity')
    || sibyl.key_part($1) || sibyl.key_part($2));
  IF FOUND THEN
    RETURN answer::double precision;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_similarity', $1, $2);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_similarity', format(', %L, %L', $1, $2), NULL)::double precision;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_similarity(text, text) IS 'How near two texts are in meaning: the cosine of their embeddings, from -1 to 1. Example: SELECT round(ai_similarity(''a red car'', ''a red car'')::numeric, 3);';

REVOKE ALL ON FUNCTION public.ai_similarity(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_similarity(text, text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_similarity("a" text[], "b" text) RETURNS double precision[]
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN (sibyl.answers('ai_similarity', $1, ''::bytea, sibyl.key_part($2), '', format(', %L', $2), NULL, NULL)).answers::double precision[];
END
$sibyl$;

COMMENT ON FUNCTION public.ai_similarity(text[], text) IS 'For each element of an array. How near two texts are in meaning: the cosine of their embeddings, from -1 to 1.';

REVOKE ALL ON FUNCTION public.ai_similarity(text[], text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_similarity(text[], text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_similarity("a" text, "b" real[]) RETURNS double precision
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET extra_float_digits = 1
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  answer text;
BEGIN
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_similarity')
    || sibyl.key_part($1) || sibyl.embedding_key_part(argument_2));
  IF FOUND THEN
    RETURN answer::double precision;
  END IF;
  RETURN sibyl.call_one('ai_similarity', format(', %L, %L::real[]', $1, argument_2), NULL)::double precision;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_similarity(text, real[]) IS 'How near two texts are in meaning: the cosine of their embeddings, from -1 to 1. Example: SELECT round(ai_similarity(''a red car'', ''a red car'')::numeric, 3);';

REVOKE ALL ON FUNCTION public.ai_similarity(text, real[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_similarity(text, real[]) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_similarity("a" text[], "b" real[]) RETURNS double precision[]
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET extra_float_digits = 1
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
BEGIN
  RETURN (sibyl.answers('ai_similarity', $1, ''::bytea, sibyl.embedding_key_part(argument_2), '', format(', %L::real[]', argument_2), NULL, NULL)).answers::double precision[];
END
$sibyl$;

COMMENT ON FUNCTION public.ai_similarity(text[], real[]) IS 'For each element of an array. How near two texts are in meaning: the cosine of their embeddings, from -1 to 1.';

REVOKE ALL ON FUNCTION public.ai_similarity(text[], real[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_similarity(text[], real[]) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_similarity("a" real[], "b" text) RETURNS double precision
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET extra_float_digits = 1
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_1 CONSTANT text := $1::pg_catalog.text;
  answer text;
BEGIN
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_similarity')
    || sibyl.embedding_key_part(argument_1) || sibyl.key_part($2));
  IF FOUND THEN
    RETURN answer::double precision;
  END IF;
  RETURN sibyl.call_one('ai_similarity', format(', %L::real[], %L', argument_1, $2), NULL)::double precision;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_similarity(real[], text) IS 'How near two texts are in meaning: the cosine of their embeddings, from -1 to 1. Example: SELECT round(ai_similarity(''a red car'', ''a red car'')::numeric, 3);';

REVOKE ALL ON FUNCTION public.ai_similarity(real[], text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_similarity(real[], text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_similarity("a" real[], "b" real[]) RETURNS double precision
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET extra_float_digits = 1
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_1 CONSTANT text := $1::pg_catalog.text;
  argument_2 CONSTANT text := $2::pg_catalog.text;
  answer text;
BEGIN
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_similarity')
    || sibyl.embedding_key_part(argument_1) || sibyl.embedding_key_part(argument_2));
  IF FOUND THEN
    RETURN answer::double precision;
  END IF;
  RETURN sibyl.call_one('ai_similarity', format(', %L::real[], %L::real[]', argument_1, argument_2), NULL)::double precision;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_similarity(real[], real[]) IS 'How near two texts are in meaning: the cosine of their embeddings, from -1 to 1. Example: SELECT round(ai_similarity(''a red car'', ''a red car'')::numeric, 3);';

REVOKE ALL ON FUNCTION public.ai_similarity(real[], real[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_similarity(real[], real[]) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_summarize("text" text, "max_words" bigint DEFAULT 60, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_summarize')
    || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_summarize', $1, $2::pg_catalog.text, $3::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_summarize', format(', %L, %L::bigint, %L::jsonb', $1, argument_2, argument_3), NULL);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_summarize(text, bigint, jsonb) IS 'A text in few words. Example: SELECT ai_summarize(''The parcel was two weeks late. It was raining that day. Nobody answered my mails.'', 8, ''{"method":"extractive"}'');';

REVOKE ALL ON FUNCTION public.ai_summarize(text, bigint, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_summarize(text, bigint, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_summarize("text" text[], "max_words" bigint DEFAULT 60, "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  argument_3 CONSTANT text := $3::pg_catalog.text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_summarize', $1, ''::bytea, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), '', format(', %L::bigint, %L::jsonb', argument_2, argument_3), NULL, NULL)).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_summarize(text[], bigint, jsonb) IS 'For each element of an array. A text in few words.';

REVOKE ALL ON FUNCTION public.ai_summarize(text[], bigint, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_summarize(text[], bigint, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_train("name" text, "sql" text, "options" jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  sent pg_catalog.uuid;
  answers pg_catalog.text[];
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM sibyl.require_writable('ai_train', 'classifiers');
  sent := sibyl.send_rows('ai_train', '2 (sql)', $2);
  IF pg_catalog.current_setting('sibyl.collect', true) OPERATOR(pg_catalog.=) 'on' THEN
    RETURN NULL;
  END IF;
  answers := sibyl.call_in_session('ai_train', ARRAY[$1, $2, $3::pg_catalog.text]::pg_catalog.text[], sent,
    NULL, $1, false);
  PERFORM sibyl.store_results(answers[2:]);
  RETURN answers[1]::pg_catalog.jsonb;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_train(text, text, jsonb) IS 'Trains a classifier on labelled texts, and says how good it is. Example: SELECT report->>''rows'', report->>''classes'' FROM ai_train(''moods'', ''SELECT * FROM (VALUES (''''I love it'''', ''''good''''), (''''Wonderful'''', ''''good''''), (''''I hate it'''', ''''bad''''), (''''Terrible'''', ''''bad'''')) AS labelled'') AS report;';

REVOKE ALL ON FUNCTION public.ai_train(text, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_train(text, text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_translate("text" text, "language" text, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_translate')
    || sibyl.key_part($1) || sibyl.key_part($2) || sibyl.key_part(argument_3));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_translate', $1, $2, $3::pg_catalog.text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_translate', format(', %L, %L, %L::jsonb', $1, $2, argument_3), NULL);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_translate(text, text, jsonb) IS 'A text in another language. Example: SELECT ai_translate(''Good morning'', ''French'');';

REVOKE ALL ON FUNCTION public.ai_translate(text, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_translate(text, text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_translate("text" text[], "language" text, "options" jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_3 CONSTANT text := $3::pg_catalog.text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_translate', $1, ''::bytea, sibyl.key_part($2) || sibyl.key_part(argument_3), '', format(', %L, %L::jsonb', $2, argument_3), NULL, NULL)).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_translate(text[], text, jsonb) IS 'For each element of an array. A text in another language.';

REVOKE ALL ON FUNCTION public.ai_translate(text[], text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_translate(text[], text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_version() RETURNS text
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN sibyl.call_one('ai_version', '', NULL);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_version() IS 'Sibyl''s version and the engine''s revision. Example: SELECT ai_version() LIKE ''sibyl %'';';

REVOKE ALL ON FUNCTION public.ai_version() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_version() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_cascades() RETURNS TABLE ("function" text, "question" text, "model" text, "target_model" text, "target" double precision, "threshold" double precision, "sample" bigint, "kept" bigint, "sent" bigint, "agreement" double precision, "agreement_low" double precision, "agreement_high" double precision)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
ROWS 20
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN QUERY
  SELECT cells."function"::pg_catalog.text, cells."question"::pg_catalog.text, cells."model"::pg_catalog.text, cells."target_model"::pg_catalog.text, cells."target"::double precision, cells."threshold"::double precision, cells."sample"::bigint, cells."kept"::bigint, cells."sent"::bigint, cells."agreement"::double precision, cells."agreement_low"::double precision, cells."agreement_high"::double precision
  FROM pg_catalog.unnest(sibyl.call('ai_cascades', '', NULL)) WITH ORDINALITY AS one (answer, place),
    pg_catalog.jsonb_to_record(one.answer::pg_catalog.jsonb) AS cells ("function" pg_catalog.text, "question" pg_catalog.text, "model" pg_catalog.text, "target_model" pg_catalog.text, "target" pg_catalog.text, "threshold" pg_catalog.text, "sample" pg_catalog.text, "kept" pg_catalog.text, "sent" pg_catalog.text, "agreement" pg_catalog.text, "agreement_low" pg_catalog.text, "agreement_high" pg_catalog.text)
  ORDER BY one.place;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_cascades() IS 'The cascades of this process: how many rows went to which model, and how often they agree. Example: SELECT count(*) FROM ai_cascades();';

REVOKE ALL ON FUNCTION public.ai_cascades() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_cascades() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_chunk("input_text" text, "max_tokens" bigint DEFAULT 254, "overlap" bigint DEFAULT 0) RETURNS TABLE ("position" bigint, "text" text, "start" bigint, "length" bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
ROWS 20
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  IF $1 IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT cells."position"::bigint, cells."text"::pg_catalog.text, cells."start"::bigint, cells."length"::bigint
  FROM pg_catalog.unnest(sibyl.call('ai_chunk', format(', %L, %L::bigint, %L::bigint', $1, $2::pg_catalog.text, $3::pg_catalog.text), NULL)) WITH ORDINALITY AS one (answer, place),
    pg_catalog.jsonb_to_record(one.answer::pg_catalog.jsonb) AS cells ("position" pg_catalog.text, "text" pg_catalog.text, "start" pg_catalog.text, "length" pg_catalog.text)
  ORDER BY one.place;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_chunk(text, bigint, bigint) IS 'Cuts a text into chunks of at most so many tokens, at the ends of sentences. Example: SELECT position, text, start, length FROM ai_chunk(''It broke. I want a refund! Who can help?'', 8);';

REVOKE ALL ON FUNCTION public.ai_chunk(text, bigint, bigint) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_chunk(text, bigint, bigint) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_classifiers() RETURNS TABLE ("name" text, "method" text, "classes" bigint, "rows" bigint, "accuracy" double precision, "macro_f1" double precision, "labels" jsonb, "model" text, "created" text, "digest" text, "report" jsonb, "state" text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000
ROWS 20
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  sent pg_catalog.uuid;
  answers pg_catalog.text[];
BEGIN
  IF pg_catalog.current_setting('sibyl.collect', true) OPERATOR(pg_catalog.=) 'on' THEN
    RETURN;
  END IF;
  answers := sibyl.call_in_session('ai_classifiers', ARRAY[]::pg_catalog.text[], sent,
    NULL, NULL, true);
  RETURN QUERY
  SELECT cells."name"::pg_catalog.text, cells."method"::pg_catalog.text, cells."classes"::bigint, cells."rows"::bigint, cells."accuracy"::double precision, cells."macro_f1"::double precision, cells."labels"::pg_catalog.jsonb, cells."model"::pg_catalog.text, cells."created"::pg_catalog.text, cells."digest"::pg_catalog.text, cells."report"::pg_catalog.jsonb, cells."state"::pg_catalog.text
  FROM pg_catalog.unnest(answers) WITH ORDINALITY AS one (answer, place),
    pg_catalog.jsonb_to_record(one.answer::pg_catalog.jsonb) AS cells ("name" pg_catalog.text, "method" pg_catalog.text, "classes" pg_catalog.text, "rows" pg_catalog.text, "accuracy" pg_catalog.text, "macro_f1" pg_catalog.text, "labels" pg_catalog.text, "model" pg_catalog.text, "created" pg_catalog.text, "digest" pg_catalog.text, "report" pg_catalog.text, "state" pg_catalog.text)
  ORDER BY one.place;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_classifiers() IS 'The classifiers that were trained in this database.';

REVOKE ALL ON FUNCTION public.ai_classifiers() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_classifiers() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_functions() RETURNS TABLE ("name" text, "signature" text, "returns" text, "summary" text, "details" text, "example" text, "examples" jsonb, "kind" text)
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
ROWS 20
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN QUERY
  SELECT cells."name"::pg_catalog.text, cells."signature"::pg_catalog.text, cells."returns"::pg_catalog.text, cells."summary"::pg_catalog.text, cells."details"::pg_catalog.text, cells."example"::pg_catalog.text, cells."examples"::pg_catalog.jsonb, cells."kind"::pg_catalog.text
  FROM pg_catalog.unnest(sibyl.call('ai_functions', '', NULL)) WITH ORDINALITY AS one (answer, place),
    pg_catalog.jsonb_to_record(one.answer::pg_catalog.jsonb) AS cells ("name" pg_catalog.text, "signature" pg_catalog.text, "returns" pg_catalog.text, "summary" pg_catalog.text, "details" pg_catalog.text, "example" pg_catalog.text, "examples" pg_catalog.text, "kind" pg_catalog.text)
  ORDER BY one.place;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_functions() IS 'Every function that Sibyl offers, one row each. Example: SELECT returns FROM ai_functions() WHERE name = ''ai_sentiment_score'';';

REVOKE ALL ON FUNCTION public.ai_functions() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_functions() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_models() RETURNS TABLE ("name" text, "kind" text, "dimensions" bigint, "size" bigint, "licence" text, "digest" text, "path" text, "loaded" bigint, "state" text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
ROWS 20
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN QUERY
  SELECT cells."name"::pg_catalog.text, cells."kind"::pg_catalog.text, cells."dimensions"::bigint, cells."size"::bigint, cells."licence"::pg_catalog.text, cells."digest"::pg_catalog.text, cells."path"::pg_catalog.text, cells."loaded"::bigint, cells."state"::pg_catalog.text
  FROM pg_catalog.unnest(sibyl.call('ai_models', '', NULL)) WITH ORDINALITY AS one (answer, place),
    pg_catalog.jsonb_to_record(one.answer::pg_catalog.jsonb) AS cells ("name" pg_catalog.text, "kind" pg_catalog.text, "dimensions" pg_catalog.text, "size" pg_catalog.text, "licence" pg_catalog.text, "digest" pg_catalog.text, "path" pg_catalog.text, "loaded" pg_catalog.text, "state" pg_catalog.text)
  ORDER BY one.place;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_models() IS 'The models: those installed, and those that can be installed by name. Example: SELECT kind, dimensions FROM ai_models() WHERE name = ''minilm'';';

REVOKE ALL ON FUNCTION public.ai_models() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_models() TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_review("name" text, "sql" text, "n" bigint DEFAULT 10) RETURNS TABLE ("text" text, "id" text, "label" text, "confidence" double precision, "other_label" text, "margin" double precision)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000
ROWS 20
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  sent pg_catalog.uuid;
  answers pg_catalog.text[];
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN;
  END IF;
  sent := sibyl.send_rows('ai_review', '2 (sql)', $2);
  IF pg_catalog.current_setting('sibyl.collect', true) OPERATOR(pg_catalog.=) 'on' THEN
    RETURN;
  END IF;
  answers := sibyl.call_in_session('ai_review', ARRAY[$1, $2, $3::pg_catalog.text]::pg_catalog.text[], sent,
    $1, $1, false);
  RETURN QUERY
  SELECT cells."text"::pg_catalog.text, cells."id"::pg_catalog.text, cells."label"::pg_catalog.text, cells."confidence"::double precision, cells."other_label"::pg_catalog.text, cells."margin"::double precision
  FROM pg_catalog.unnest(answers) WITH ORDINALITY AS one (answer, place),
    pg_catalog.jsonb_to_record(one.answer::pg_catalog.jsonb) AS cells ("text" pg_catalog.text, "id" pg_catalog.text, "label" pg_catalog.text, "confidence" pg_catalog.text, "other_label" pg_catalog.text, "margin" pg_catalog.text)
  ORDER BY one.place;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_review(text, text, bigint) IS 'The rows of a query whose labels would teach a trained classifier the most.';

REVOKE ALL ON FUNCTION public.ai_review(text, text, bigint) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_review(text, text, bigint) TO PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.ai_agg("text" text[], "instruction" text, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_3 CONSTANT text := $3::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_agg')
    || sibyl.texts_key_part($1) || sibyl.key_part($2) || sibyl.key_part(argument_3));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_agg', format(', %L::text[], %L, %L::jsonb', $1, $2, argument_3), NULL);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.ai_agg(text[], text, jsonb) IS 'What a language model answers to an instruction about all texts of a group.';

REVOKE ALL ON FUNCTION sibyl.ai_agg(text[], text, jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.ai_agg_group(state text[]) RETURNS text
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN sibyl.ai_agg($1[3:], $1[1], $1[2]::jsonb);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.ai_agg_group(text[]) IS 'Ends a group of ai_agg.';

REVOKE ALL ON FUNCTION sibyl.ai_agg_group(text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.ai_agg_row(state text[], "text" text, "instruction" text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  IF $2 IS NULL THEN
    RETURN $1;
  END IF;
  IF $1 IS NULL THEN
    RETURN ARRAY[$3, NULL, $2]::text[];
  END IF;
  IF ($1[1] COLLATE "C") IS DISTINCT FROM ($3 COLLATE "C") THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'ai_agg: argument 2 (instruction) must be the same for every row of a group; group the query by it, or give a constant';
  END IF;
  RETURN array_append($1, $2);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.ai_agg_row(text[], text, text) IS 'Takes a row into a group of ai_agg.';

REVOKE ALL ON FUNCTION sibyl.ai_agg_row(text[], text, text) FROM PUBLIC;

CREATE OR REPLACE AGGREGATE public.ai_agg("text" text, "instruction" text) (
  SFUNC = sibyl.ai_agg_row, STYPE = text[], FINALFUNC = sibyl.ai_agg_group,
  PARALLEL = UNSAFE);

COMMENT ON AGGREGATE public.ai_agg(text, text) IS 'What a language model answers to an instruction about all texts of a group. Example: SELECT ai_agg(body, ''What do these customers complain about?'', ''{"max_tokens": 40}'') FROM (SELECT ''The parcel was two weeks late'' AS body UNION ALL SELECT ''It arrived broken'') AS reviews;';

REVOKE ALL ON FUNCTION public.ai_agg(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_agg(text, text) TO PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.ai_agg_row(state text[], "text" text, "instruction" text, "options" jsonb) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  IF $2 IS NULL THEN
    RETURN $1;
  END IF;
  IF $1 IS NULL THEN
    RETURN ARRAY[$3, $4::pg_catalog.text, $2]::text[];
  END IF;
  IF ($1[1] COLLATE "C") IS DISTINCT FROM ($3 COLLATE "C") THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'ai_agg: argument 2 (instruction) must be the same for every row of a group; group the query by it, or give a constant';
  END IF;
  IF ($1[2] COLLATE "C") IS DISTINCT FROM ($4::pg_catalog.text COLLATE "C") THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'ai_agg: argument 3 (options) must be the same for every row of a group; group the query by it, or give a constant';
  END IF;
  RETURN array_append($1, $2);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.ai_agg_row(text[], text, text, jsonb) IS 'Takes a row into a group of ai_agg.';

REVOKE ALL ON FUNCTION sibyl.ai_agg_row(text[], text, text, jsonb) FROM PUBLIC;

CREATE OR REPLACE AGGREGATE public.ai_agg("text" text, "instruction" text, "options" jsonb) (
  SFUNC = sibyl.ai_agg_row, STYPE = text[], FINALFUNC = sibyl.ai_agg_group,
  PARALLEL = UNSAFE);

COMMENT ON AGGREGATE public.ai_agg(text, text, jsonb) IS 'What a language model answers to an instruction about all texts of a group. Example: SELECT ai_agg(body, ''What do these customers complain about?'', ''{"max_tokens": 40}'') FROM (SELECT ''The parcel was two weeks late'' AS body UNION ALL SELECT ''It arrived broken'') AS reviews;';

REVOKE ALL ON FUNCTION public.ai_agg(text, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_agg(text, text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.ai_summarize_agg("text" text[], "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::pg_catalog.text;
  answer text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_summarize_agg')
    || sibyl.texts_key_part($1) || sibyl.key_part(argument_2));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_summarize_agg', format(', %L::text[], %L::jsonb', $1, argument_2), NULL);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.ai_summarize_agg(text[], jsonb) IS 'All texts of a group in few words.';

REVOKE ALL ON FUNCTION sibyl.ai_summarize_agg(text[], jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.ai_summarize_agg_group(state text[]) RETURNS text
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN sibyl.ai_summarize_agg($1[2:], $1[1]::jsonb);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.ai_summarize_agg_group(text[]) IS 'Ends a group of ai_summarize_agg.';

REVOKE ALL ON FUNCTION sibyl.ai_summarize_agg_group(text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.ai_summarize_agg_row(state text[], "text" text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  IF $2 IS NULL THEN
    RETURN $1;
  END IF;
  IF $1 IS NULL THEN
    RETURN ARRAY[NULL, $2]::text[];
  END IF;
  RETURN array_append($1, $2);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.ai_summarize_agg_row(text[], text) IS 'Takes a row into a group of ai_summarize_agg.';

REVOKE ALL ON FUNCTION sibyl.ai_summarize_agg_row(text[], text) FROM PUBLIC;

CREATE OR REPLACE AGGREGATE public.ai_summarize_agg("text" text) (
  SFUNC = sibyl.ai_summarize_agg_row, STYPE = text[], FINALFUNC = sibyl.ai_summarize_agg_group,
  PARALLEL = UNSAFE);

COMMENT ON AGGREGATE public.ai_summarize_agg(text) IS 'All texts of a group in few words. Example: SELECT ai_summarize_agg(body, ''{"max_words": 12}'') FROM (SELECT ''The parcel was two weeks late'' AS body UNION ALL SELECT ''It arrived broken'') AS reviews;';

REVOKE ALL ON FUNCTION public.ai_summarize_agg(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_summarize_agg(text) TO PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.ai_summarize_agg_row(state text[], "text" text, "options" jsonb) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  IF $2 IS NULL THEN
    RETURN $1;
  END IF;
  IF $1 IS NULL THEN
    RETURN ARRAY[$3::pg_catalog.text, $2]::text[];
  END IF;
  IF ($1[1] COLLATE "C") IS DISTINCT FROM ($3::pg_catalog.text COLLATE "C") THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'ai_summarize_agg: argument 2 (options) must be the same for every row of a group; group the query by it, or give a constant';
  END IF;
  RETURN array_append($1, $2);
END
$sibyl$;

COMMENT ON FUNCTION sibyl.ai_summarize_agg_row(text[], text, jsonb) IS 'Takes a row into a group of ai_summarize_agg.';

REVOKE ALL ON FUNCTION sibyl.ai_summarize_agg_row(text[], text, jsonb) FROM PUBLIC;

CREATE OR REPLACE AGGREGATE public.ai_summarize_agg("text" text, "options" jsonb) (
  SFUNC = sibyl.ai_summarize_agg_row, STYPE = text[], FINALFUNC = sibyl.ai_summarize_agg_group,
  PARALLEL = UNSAFE);

COMMENT ON AGGREGATE public.ai_summarize_agg(text, jsonb) IS 'All texts of a group in few words. Example: SELECT ai_summarize_agg(body, ''{"max_words": 12}'') FROM (SELECT ''The parcel was two weeks late'' AS body UNION ALL SELECT ''It arrived broken'') AS reviews;';

REVOKE ALL ON FUNCTION public.ai_summarize_agg(text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_summarize_agg(text, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.prefetch_arguments(function_name text, arguments text[], OUT earlier_keys bytea, OUT keys bytea, OUT earlier_literals text, OUT literals text, OUT classifier text, OUT corrected text)
LANGUAGE plpgsql STABLE
SET extra_float_digits = 1
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  earlier_keys := '';
  earlier_literals := '';
  CASE function_name
  WHEN 'ai_classify' THEN
    PERFORM sibyl.check_arguments('ai_classify(text, labels[, options])', arguments, 1, 2);
    arguments[1] := sibyl.json_text(arguments[1]);
    arguments[2] := arguments[2]::jsonb::pg_catalog.text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L, %L::jsonb', arguments[1], arguments[2]);
    corrected := 'ai_classify';
  WHEN 'ai_embed' THEN
    PERFORM sibyl.check_arguments('ai_embed(text[, model])', arguments, 0, 1);
    keys := sibyl.key_part(arguments[1]);
    literals := format(', %L', arguments[1]);
  WHEN 'ai_emotion' THEN
    PERFORM sibyl.check_arguments('ai_emotion(text[, options])', arguments, 0, 1);
    arguments[1] := arguments[1]::jsonb::pg_catalog.text;
    keys := sibyl.key_part(arguments[1]);
    literals := format(', %L::jsonb', arguments[1]);
    corrected := 'ai_emotion';
  WHEN 'ai_extract' THEN
    PERFORM sibyl.check_arguments('ai_extract(text, fields[, options])', arguments, 1, 2);
    arguments[1] := arguments[1]::jsonb::pg_catalog.text;
    arguments[2] := arguments[2]::jsonb::pg_catalog.text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L::jsonb, %L::jsonb', arguments[1], arguments[2]);
  WHEN 'ai_filter' THEN
    PERFORM sibyl.check_arguments('ai_filter(text, condition[, options])', arguments, 1, 2);
    arguments[2] := arguments[2]::jsonb::pg_catalog.text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L, %L::jsonb', arguments[1], arguments[2]);
  WHEN 'ai_fix_grammar' THEN
    PERFORM sibyl.check_arguments('ai_fix_grammar(text[, options])', arguments, 0, 1);
    arguments[1] := arguments[1]::jsonb::pg_catalog.text;
    keys := sibyl.key_part(arguments[1]);
    literals := format(', %L::jsonb', arguments[1]);
  WHEN 'ai_generate' THEN
    PERFORM sibyl.check_arguments('ai_generate(prompt[, options])', arguments, 0, 1);
    arguments[1] := arguments[1]::jsonb::pg_catalog.text;
    keys := sibyl.key_part(arguments[1]);
    literals := format(', %L::jsonb', arguments[1]);
  WHEN 'ai_mask' THEN
    PERFORM sibyl.check_arguments('ai_mask(text, entities[, options])', arguments, 1, 2);
    arguments[1] := sibyl.json_text(arguments[1]);
    arguments[2] := arguments[2]::jsonb::pg_catalog.text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L, %L::jsonb', arguments[1], arguments[2]);
  WHEN 'ai_predict' THEN
    PERFORM sibyl.check_arguments('ai_predict(name, text[, options])', arguments, 1, 2);
    arguments[2] := arguments[2]::jsonb::pg_catalog.text;
    keys := sibyl.key_part(arguments[2]);
    literals := format(', %L::jsonb', arguments[2]);
    earlier_keys := sibyl.key_part(arguments[1]);
    earlier_literals := format(', %L', arguments[1]);
    classifier := arguments[1];
    corrected := arguments[1];
  WHEN 'ai_predict_proba' THEN
    PERFORM sibyl.check_arguments('ai_predict_proba(name, text)', arguments, 1, 1);
    keys := '';
    literals := '';
    earlier_keys := sibyl.key_part(arguments[1]);
    earlier_literals := format(', %L', arguments[1]);
    classifier := arguments[1];
    corrected := arguments[1];
  WHEN 'ai_score' THEN
    PERFORM sibyl.check_arguments('ai_score(text, query)', arguments, 1, 1);
    keys := sibyl.key_part(arguments[1]);
    literals := format(', %L', arguments[1]);
  WHEN 'ai_sentiment' THEN
    PERFORM sibyl.check_arguments('ai_sentiment(text)', arguments, 0, 0);
    keys := '';
    literals := '';
    corrected := 'ai_sentiment';
  WHEN 'ai_sentiment_score' THEN
    PERFORM sibyl.check_arguments('ai_sentiment_score(text)', arguments, 0, 0);
    keys := '';
    literals := '';
    corrected := 'ai_sentiment';
  WHEN 'ai_similarity' THEN
    PERFORM sibyl.check_arguments('ai_similarity(a, b)', arguments, 1, 1);
    keys := sibyl.key_part(arguments[1]);
    literals := format(', %L', arguments[1]);
  WHEN 'ai_summarize' THEN
    PERFORM sibyl.check_arguments('ai_summarize(text[, max_words[, options]])', arguments, 0, 2);
    arguments[1] := arguments[1]::bigint::pg_catalog.text;
    arguments[2] := arguments[2]::jsonb::pg_catalog.text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L::bigint, %L::jsonb', arguments[1], arguments[2]);
  WHEN 'ai_translate' THEN
    PERFORM sibyl.check_arguments('ai_translate(text, language[, options])', arguments, 1, 2);
    arguments[2] := arguments[2]::jsonb::pg_catalog.text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L, %L::jsonb', arguments[1], arguments[2]);
  ELSE
    RAISE EXCEPTION USING
      ERRCODE = 'undefined_function',
      MESSAGE = format('ai_prefetch: argument 2 (function) must be a function whose answers are kept (%s); got "%s"',
        'ai_classify, ai_embed, ai_emotion, ai_extract, ai_filter, ai_fix_grammar, ai_generate, ai_mask, ai_predict, ai_predict_proba, ai_score, ai_sentiment, ai_sentiment_score, ai_similarity, ai_summarize, ai_translate', function_name);
  END CASE;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.prefetch_arguments(text, text[]) IS 'Checks the arguments that ai_prefetch passes on and writes them as keys and calls have them.';

REVOKE ALL ON FUNCTION sibyl.prefetch_arguments(text, text[]) FROM PUBLIC;

CREATE OR REPLACE VIEW sibyl.status AS SELECT * FROM sibyl.bridge_status();

COMMENT ON VIEW sibyl.status IS 'What the bridge is doing: one row.';

REVOKE ALL ON SCHEMA sibyl FROM PUBLIC;

GRANT USAGE ON SCHEMA sibyl TO PUBLIC;

REVOKE ALL ON sibyl.schema_version, sibyl.function, sibyl.cache, sibyl.installation FROM PUBLIC;

REVOKE ALL ON sibyl.job, sibyl.job_chunk, sibyl.job_failure, sibyl.jobs, sibyl.job_failures FROM PUBLIC;

REVOKE ALL ON sibyl.ai_column, sibyl.column_change, sibyl.column_failure, sibyl.columns, sibyl.column_failures FROM PUBLIC;

GRANT SELECT ON sibyl.status TO PUBLIC;
