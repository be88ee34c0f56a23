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
-- other_keys and other_arguments are what stands behind the element in the key and in the call. Functions whose
-- answers are not kept have NULL for other_keys.
CREATE OR REPLACE FUNCTION sibyl.answers(
  function_name text, elements text[], other_keys bytea, other_arguments text,
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
  known_texts text[];
  known_answers text[];
  missing_texts text[];
  slice text[];
  slice_answers text[];
BEGIN
  computed := 0;
  IF array_ndims(elements) > 1 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'array_subscript_error',
      MESSAGE = format('%s: argument 1 must be an array of one dimension; got %s', function_name,
        array_ndims(elements));
  END IF;
  IF cardinality(elements) = 0 THEN
    answers := '{}';
    RETURN;
  END IF;

  IF other_keys IS NOT NULL THEN
    SELECT known.fingerprint INTO function_fingerprint
    FROM sibyl.function AS known WHERE known.name = function_name;
  END IF;
  -- The inner query stays an index look-up a text, whatever the planner thinks of the cache's size. OFFSET 0 keeps
  -- it from being copied to where its value is used. In collation "C", only equal bytes are equal.
  SELECT
    array_agg(looked_up.element) FILTER (WHERE looked_up.found IS NOT NULL),
    array_agg(looked_up.found[1]) FILTER (WHERE looked_up.found IS NOT NULL),
    array_agg(looked_up.element) FILTER (WHERE looked_up.found IS NULL)
  INTO known_texts, known_answers, missing_texts
  FROM (
    SELECT wanted.element, (
      SELECT ARRAY[cached.answer] FROM sibyl.cache AS cached
      WHERE cached.key = sha256(function_fingerprint || sibyl.key_part(wanted.element) || other_keys)
    ) AS found
    FROM (
      SELECT DISTINCT given.element COLLATE "C" AS element
      FROM unnest(elements) AS given (element) WHERE given.element IS NOT NULL
    ) AS wanted
    OFFSET 0
  ) AS looked_up;

  IF missing_texts IS NOT NULL THEN
    computed := cardinality(missing_texts);
    FOR slice IN
      SELECT array_agg(missing.element ORDER BY missing.place)
      FROM (
        SELECT one.element, one.place, (one.place - 1) / most_elements AS by_count,
          sum(octet_length(one.element)) OVER (ORDER BY one.place) / most_bytes AS by_size
        FROM unnest(missing_texts) WITH ORDINALITY AS one (element, place)
      ) AS missing
      GROUP BY missing.by_count, missing.by_size
      ORDER BY missing.by_count, missing.by_size
    LOOP
      slice_answers := sibyl.call(function_name, format(', %L::text[]%s', slice, other_arguments));
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

COMMENT ON FUNCTION sibyl.answers(text, text[], bytea, text) IS 'Answers one call an element of an array, from the cache or by the bridge.';

REVOKE ALL ON FUNCTION sibyl.answers(text, text[], bytea, text) FROM PUBLIC;

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
CREATE OR REPLACE FUNCTION sibyl.call(function_name text, arguments text) RETURNS text[]
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  first_question CONSTANT text := format('SELECT * FROM sibyl_call(%L%s)', function_name, arguments);
  question text;
  ticket text;
  answers text[];
  is_first_failure boolean := true;
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
        question := format('SELECT * FROM sibyl_wait(%L)', ticket);
      END LOOP;
    EXCEPTION
      WHEN query_canceled THEN
        IF 'sibyl' = ANY (sibyl.dblink_get_connections()) THEN
          PERFORM sibyl.dblink_disconnect('sibyl');
        END IF;
        RAISE;
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

COMMENT ON FUNCTION sibyl.call(text, text) IS 'Asks the bridge, and waits for its answers.';

REVOKE ALL ON FUNCTION sibyl.call(text, text) FROM PUBLIC;

-- Asks the bridge about one scalar call. The same as sibyl.call, without what only many answers need: this is what a
-- query pays for each of its rows.
CREATE OR REPLACE FUNCTION sibyl.call_one(function_name text, arguments text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  first_question CONSTANT text := format('SELECT * FROM sibyl_call(%L%s)', function_name, arguments);
  question text;
  ticket text;
  answer text;
  is_first_failure boolean := true;
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

COMMENT ON FUNCTION sibyl.call_one(text, text) IS 'Asks the bridge, and waits for its one answer.';

REVOKE ALL ON FUNCTION sibyl.call_one(text, text) FROM PUBLIC;

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

CREATE OR REPLACE FUNCTION sibyl.json_text(argument text) RETURNS text
LANGUAGE plpgsql STABLE
AS $sibyl$
-- Part of Sibyl.
-- What is no array or object goes to the bridge as it is: its error says what the function expects, and
-- PostgreSQL's could not.
BEGIN
  IF left(ltrim(argument, E' \t\n\r'), 1) IN ('[', '{') THEN
    RETURN argument::jsonb::text;
  END IF;
  RETURN argument;
EXCEPTION
  WHEN data_exception THEN
    RETURN argument;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.json_text(text) IS 'The canonical text of an argument of JSON.';

REVOKE ALL ON FUNCTION sibyl.json_text(text) FROM PUBLIC;

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
  RETURN (sibyl.answers(function_name, texts, other.keys, other.literals)).computed;
END
$sibyl$;

COMMENT ON FUNCTION sibyl.prefetch_batch(text, text[], text[]) IS 'Computes what is missing of a batch of ai_prefetch.';

REVOKE ALL ON FUNCTION sibyl.prefetch_batch(text, text[], text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sibyl.prefetch_batch(text, text[], text[]) TO PUBLIC;

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

CREATE OR REPLACE FUNCTION public.ai_cache_stats() RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN sibyl.call_one('ai_cache_stats', '')::jsonb;
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
  argument_3 CONSTANT text := $3::text;
  answer text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_classify')
    || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_classify', $1, sibyl.json_text($2), $3::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_classify', format(', %L, %L, %L::jsonb', $1, argument_2, argument_3));
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
  argument_3 CONSTANT text := $3::text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_classify', $1, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), format(', %L, %L::jsonb', argument_2, argument_3))).answers;
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
  argument_2 CONSTANT text := $2::text;
  argument_3 CONSTANT text := $3::text;
  answer text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_classify')
    || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_classify', $1, $2::text, $3::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_classify', format(', %L, %L::jsonb, %L::jsonb', $1, argument_2, argument_3));
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
  argument_2 CONSTANT text := $2::text;
  argument_3 CONSTANT text := $3::text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_classify', $1, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), format(', %L::jsonb, %L::jsonb', argument_2, argument_3))).answers;
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
  argument_2 CONSTANT text := to_jsonb($2)::text;
  argument_3 CONSTANT text := $3::text;
  answer text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_classify')
    || sibyl.key_part($1) || sibyl.key_part(argument_2) || sibyl.key_part(argument_3));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_classify', $1, to_jsonb($2)::text, $3::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_classify', format(', %L, %L::jsonb, %L::jsonb', $1, argument_2, argument_3));
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
  argument_2 CONSTANT text := to_jsonb($2)::text;
  argument_3 CONSTANT text := $3::text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_classify', $1, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), format(', %L::jsonb, %L::jsonb', argument_2, argument_3))).answers;
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
  RETURN sibyl.call_one('ai_config', format(', %L, NULL', $1));
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
  RETURN sibyl.call_one('ai_config', format(', %L, %L', $1, $2));
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
  RETURN sibyl.call_one('ai_count_tokens', format(', %L, %L', $1, $2))::bigint;
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
  RETURN (sibyl.answers('ai_count_tokens', $1, NULL, format(', %L', $2))).answers::bigint[];
END
$sibyl$;

COMMENT ON FUNCTION public.ai_count_tokens(text[], text) IS 'For each element of an array. How many tokens a model cuts a text into.';

REVOKE ALL ON FUNCTION public.ai_count_tokens(text[], text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_count_tokens(text[], text) TO PUBLIC;

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
  RETURN sibyl.call_one('ai_embed', format(', %L, %L', $1, $2))::real[];
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
  RETURN sibyl.stack_embeddings((sibyl.answers('ai_embed', $1, sibyl.key_part($2), format(', %L', $2))).answers);
END
$sibyl$;

COMMENT ON FUNCTION public.ai_embed(text[], text) IS 'For each element of an array. The embedding of a text: a vector that lies near those of texts with a similar meaning.';

REVOKE ALL ON FUNCTION public.ai_embed(text[], text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_embed(text[], text) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_extract("text" text, "fields" jsonb, "options" jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_2 CONSTANT text := $2::text;
  argument_3 CONSTANT text := $3::text;
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
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_extract', $1, $2::text, $3::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_extract', format(', %L, %L::jsonb, %L::jsonb', $1, argument_2, argument_3))::jsonb;
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
  argument_2 CONSTANT text := $2::text;
  argument_3 CONSTANT text := $3::text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_extract', $1, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), format(', %L::jsonb, %L::jsonb', argument_2, argument_3))).answers::jsonb[];
END
$sibyl$;

COMMENT ON FUNCTION public.ai_extract(text[], jsonb, jsonb) IS 'For each element of an array. What a text says about given fields, as a JSON object.';

REVOKE ALL ON FUNCTION public.ai_extract(text[], jsonb, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_extract(text[], jsonb, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_filter("text" text, "condition" text, "options" jsonb DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_3 CONSTANT text := $3::text;
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
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_filter', $1, $2, $3::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_filter', format(', %L, %L, %L::jsonb', $1, $2, argument_3))::boolean;
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
  argument_3 CONSTANT text := $3::text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_filter', $1, sibyl.key_part($2) || sibyl.key_part(argument_3), format(', %L, %L::jsonb', $2, argument_3))).answers::boolean[];
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
  argument_2 CONSTANT text := $2::text;
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
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_fix_grammar', $1, $2::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_fix_grammar', format(', %L, %L::jsonb', $1, argument_2));
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
  argument_2 CONSTANT text := $2::text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_fix_grammar', $1, sibyl.key_part(argument_2), format(', %L::jsonb', argument_2))).answers;
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
  argument_2 CONSTANT text := $2::text;
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
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_generate', $1, $2::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_generate', format(', %L, %L::jsonb', $1, argument_2));
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
  argument_2 CONSTANT text := $2::text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_generate', $1, sibyl.key_part(argument_2), format(', %L::jsonb', argument_2))).answers;
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
  argument_2 CONSTANT text := $2::text;
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
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_generate', $1, $2::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_generate', format(', %L, %L::jsonb', $1, argument_2));
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
  argument_2 CONSTANT text := $2::text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_generate', $1, sibyl.key_part(argument_2), format(', %L::jsonb', argument_2))).answers;
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
  RETURN sibyl.call_one('ai_generation_stats', '')::jsonb;
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
  argument_3 CONSTANT text := $3::text;
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
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_mask', $1, sibyl.json_text($2), $3::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_mask', format(', %L, %L, %L::jsonb', $1, argument_2, argument_3));
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
  argument_3 CONSTANT text := $3::text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_mask', $1, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), format(', %L, %L::jsonb', argument_2, argument_3))).answers;
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
  argument_2 CONSTANT text := $2::text;
  argument_3 CONSTANT text := $3::text;
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
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_mask', $1, $2::text, $3::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_mask', format(', %L, %L::jsonb, %L::jsonb', $1, argument_2, argument_3));
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
  argument_2 CONSTANT text := $2::text;
  argument_3 CONSTANT text := $3::text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_mask', $1, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), format(', %L::jsonb, %L::jsonb', argument_2, argument_3))).answers;
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
  argument_2 CONSTANT text := to_jsonb($2)::text;
  argument_3 CONSTANT text := $3::text;
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
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_mask', $1, to_jsonb($2)::text, $3::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_mask', format(', %L, %L::jsonb, %L::jsonb', $1, argument_2, argument_3));
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
  argument_2 CONSTANT text := to_jsonb($2)::text;
  argument_3 CONSTANT text := $3::text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_mask', $1, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), format(', %L::jsonb, %L::jsonb', argument_2, argument_3))).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_mask(text[], text[], jsonb) IS 'For each element of an array. A text with personal data replaced by [MASKED].';

REVOKE ALL ON FUNCTION public.ai_mask(text[], text[], jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_mask(text[], text[], jsonb) TO PUBLIC;

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
  RETURN sibyl.call_one('ai_score', format(', %L, %L', $1, $2))::double precision;
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
  RETURN (sibyl.answers('ai_score', $1, sibyl.key_part($2), format(', %L', $2))).answers::double precision[];
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
BEGIN
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_sentiment')
    || sibyl.key_part($1));
  IF FOUND THEN
    RETURN answer;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_sentiment', $1);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_sentiment', format(', %L', $1));
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
  RETURN (sibyl.answers('ai_sentiment', $1, ''::bytea, '')).answers;
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
BEGIN
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_sentiment_score')
    || sibyl.key_part($1));
  IF FOUND THEN
    RETURN answer::double precision;
  END IF;
  IF current_setting('sibyl.collect', true) = 'on' THEN
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_sentiment_score', $1);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_sentiment_score', format(', %L', $1))::double precision;
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
  RETURN (sibyl.answers('ai_sentiment_score', $1, ''::bytea, '')).answers::double precision[];
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
  RETURN sibyl.call_one('ai_similarity', format(', %L, %L', $1, $2))::double precision;
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
  RETURN (sibyl.answers('ai_similarity', $1, sibyl.key_part($2), format(', %L', $2))).answers::double precision[];
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
  argument_2 CONSTANT text := $2::text;
  answer text;
BEGIN
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_similarity')
    || sibyl.key_part($1) || sibyl.embedding_key_part(argument_2));
  IF FOUND THEN
    RETURN answer::double precision;
  END IF;
  RETURN sibyl.call_one('ai_similarity', format(', %L, %L::real[]', $1, argument_2))::double precision;
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
  argument_2 CONSTANT text := $2::text;
BEGIN
  RETURN (sibyl.answers('ai_similarity', $1, sibyl.embedding_key_part(argument_2), format(', %L::real[]', argument_2))).answers::double precision[];
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
  argument_1 CONSTANT text := $1::text;
  answer text;
BEGIN
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_similarity')
    || sibyl.embedding_key_part(argument_1) || sibyl.key_part($2));
  IF FOUND THEN
    RETURN answer::double precision;
  END IF;
  RETURN sibyl.call_one('ai_similarity', format(', %L::real[], %L', argument_1, $2))::double precision;
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
  argument_1 CONSTANT text := $1::text;
  argument_2 CONSTANT text := $2::text;
  answer text;
BEGIN
  SELECT cached.answer INTO answer FROM sibyl.cache AS cached
  WHERE cached.key = sha256(
    (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = 'ai_similarity')
    || sibyl.embedding_key_part(argument_1) || sibyl.embedding_key_part(argument_2));
  IF FOUND THEN
    RETURN answer::double precision;
  END IF;
  RETURN sibyl.call_one('ai_similarity', format(', %L::real[], %L::real[]', argument_1, argument_2))::double precision;
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
  argument_2 CONSTANT text := $2::text;
  argument_3 CONSTANT text := $3::text;
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
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_summarize', $1, $2::text, $3::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_summarize', format(', %L, %L::bigint, %L::jsonb', $1, argument_2, argument_3));
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
  argument_2 CONSTANT text := $2::text;
  argument_3 CONSTANT text := $3::text;
BEGIN
  IF $1 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_summarize', $1, sibyl.key_part(argument_2) || sibyl.key_part(argument_3), format(', %L::bigint, %L::jsonb', argument_2, argument_3))).answers;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_summarize(text[], bigint, jsonb) IS 'For each element of an array. A text in few words.';

REVOKE ALL ON FUNCTION public.ai_summarize(text[], bigint, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_summarize(text[], bigint, jsonb) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_translate("text" text, "language" text, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_3 CONSTANT text := $3::text;
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
    RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('ai_translate', $1, $2, $3::text);
    RETURN NULL;
  END IF;
  RETURN sibyl.call_one('ai_translate', format(', %L, %L, %L::jsonb', $1, $2, argument_3));
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
  argument_3 CONSTANT text := $3::text;
BEGIN
  IF $1 IS NULL OR $2 IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (sibyl.answers('ai_translate', $1, sibyl.key_part($2) || sibyl.key_part(argument_3), format(', %L, %L::jsonb', $2, argument_3))).answers;
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
  RETURN sibyl.call_one('ai_version', '');
END
$sibyl$;

COMMENT ON FUNCTION public.ai_version() IS 'Sibyl''s version and the engine''s revision. Example: SELECT ai_version() LIKE ''sibyl %'';';

REVOKE ALL ON FUNCTION public.ai_version() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_version() TO PUBLIC;

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
  SELECT cells."position"::bigint, cells."text"::text, cells."start"::bigint, cells."length"::bigint
  FROM unnest(sibyl.call('ai_chunk', format(', %L, %L::bigint, %L::bigint', $1, $2::text, $3::text))) WITH ORDINALITY AS one (answer, place),
    jsonb_to_record(one.answer::jsonb) AS cells ("position" text, "text" text, "start" text, "length" text)
  ORDER BY one.place;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_chunk(text, bigint, bigint) IS 'Cuts a text into chunks of at most so many tokens, at the ends of sentences. Example: SELECT position, text, start, length FROM ai_chunk(''It broke. I want a refund! Who can help?'', 8);';

REVOKE ALL ON FUNCTION public.ai_chunk(text, bigint, bigint) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_chunk(text, bigint, bigint) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.ai_functions() RETURNS TABLE ("name" text, "signature" text, "returns" text, "summary" text, "details" text, "example" text, "examples" jsonb, "kind" text)
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
ROWS 20
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  RETURN QUERY
  SELECT cells."name"::text, cells."signature"::text, cells."returns"::text, cells."summary"::text, cells."details"::text, cells."example"::text, cells."examples"::jsonb, cells."kind"::text
  FROM unnest(sibyl.call('ai_functions', '')) WITH ORDINALITY AS one (answer, place),
    jsonb_to_record(one.answer::jsonb) AS cells ("name" text, "signature" text, "returns" text, "summary" text, "details" text, "example" text, "examples" text, "kind" text)
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
  SELECT cells."name"::text, cells."kind"::text, cells."dimensions"::bigint, cells."size"::bigint, cells."licence"::text, cells."digest"::text, cells."path"::text, cells."loaded"::bigint, cells."state"::text
  FROM unnest(sibyl.call('ai_models', '')) WITH ORDINALITY AS one (answer, place),
    jsonb_to_record(one.answer::jsonb) AS cells ("name" text, "kind" text, "dimensions" text, "size" text, "licence" text, "digest" text, "path" text, "loaded" text, "state" text)
  ORDER BY one.place;
END
$sibyl$;

COMMENT ON FUNCTION public.ai_models() IS 'The models: those installed, and those that can be installed by name. Example: SELECT kind, dimensions FROM ai_models() WHERE name = ''minilm'';';

REVOKE ALL ON FUNCTION public.ai_models() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION public.ai_models() TO PUBLIC;

CREATE OR REPLACE FUNCTION sibyl.ai_agg("text" text[], "instruction" text, "options" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
DECLARE
  argument_3 CONSTANT text := $3::text;
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
  RETURN sibyl.call_one('ai_agg', format(', %L::text[], %L, %L::jsonb', $1, $2, argument_3));
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
    RETURN ARRAY[$3, $4::text, $2]::text[];
  END IF;
  IF ($1[1] COLLATE "C") IS DISTINCT FROM ($3 COLLATE "C") THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'ai_agg: argument 2 (instruction) must be the same for every row of a group; group the query by it, or give a constant';
  END IF;
  IF ($1[2] COLLATE "C") IS DISTINCT FROM ($4::text COLLATE "C") THEN
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
  argument_2 CONSTANT text := $2::text;
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
  RETURN sibyl.call_one('ai_summarize_agg', format(', %L::text[], %L::jsonb', $1, argument_2));
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
    RETURN ARRAY[$3::text, $2]::text[];
  END IF;
  IF ($1[1] COLLATE "C") IS DISTINCT FROM ($3::text COLLATE "C") THEN
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

CREATE OR REPLACE FUNCTION sibyl.prefetch_arguments(function_name text, arguments text[], OUT keys bytea, OUT literals text)
LANGUAGE plpgsql STABLE
SET extra_float_digits = 1
AS $sibyl$
-- Part of Sibyl. Made from its catalogue.
BEGIN
  CASE function_name
  WHEN 'ai_classify' THEN
    PERFORM sibyl.check_arguments('ai_classify(text, labels[, options])', arguments, 1, 2);
    arguments[1] := sibyl.json_text(arguments[1]);
    arguments[2] := arguments[2]::jsonb::text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L, %L::jsonb', arguments[1], arguments[2]);
  WHEN 'ai_embed' THEN
    PERFORM sibyl.check_arguments('ai_embed(text[, model])', arguments, 0, 1);
    keys := sibyl.key_part(arguments[1]);
    literals := format(', %L', arguments[1]);
  WHEN 'ai_extract' THEN
    PERFORM sibyl.check_arguments('ai_extract(text, fields[, options])', arguments, 1, 2);
    arguments[1] := arguments[1]::jsonb::text;
    arguments[2] := arguments[2]::jsonb::text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L::jsonb, %L::jsonb', arguments[1], arguments[2]);
  WHEN 'ai_filter' THEN
    PERFORM sibyl.check_arguments('ai_filter(text, condition[, options])', arguments, 1, 2);
    arguments[2] := arguments[2]::jsonb::text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L, %L::jsonb', arguments[1], arguments[2]);
  WHEN 'ai_fix_grammar' THEN
    PERFORM sibyl.check_arguments('ai_fix_grammar(text[, options])', arguments, 0, 1);
    arguments[1] := arguments[1]::jsonb::text;
    keys := sibyl.key_part(arguments[1]);
    literals := format(', %L::jsonb', arguments[1]);
  WHEN 'ai_generate' THEN
    PERFORM sibyl.check_arguments('ai_generate(prompt[, options])', arguments, 0, 1);
    arguments[1] := arguments[1]::jsonb::text;
    keys := sibyl.key_part(arguments[1]);
    literals := format(', %L::jsonb', arguments[1]);
  WHEN 'ai_mask' THEN
    PERFORM sibyl.check_arguments('ai_mask(text, entities[, options])', arguments, 1, 2);
    arguments[1] := sibyl.json_text(arguments[1]);
    arguments[2] := arguments[2]::jsonb::text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L, %L::jsonb', arguments[1], arguments[2]);
  WHEN 'ai_score' THEN
    PERFORM sibyl.check_arguments('ai_score(text, query)', arguments, 1, 1);
    keys := sibyl.key_part(arguments[1]);
    literals := format(', %L', arguments[1]);
  WHEN 'ai_sentiment' THEN
    PERFORM sibyl.check_arguments('ai_sentiment(text)', arguments, 0, 0);
    keys := '';
    literals := '';
  WHEN 'ai_sentiment_score' THEN
    PERFORM sibyl.check_arguments('ai_sentiment_score(text)', arguments, 0, 0);
    keys := '';
    literals := '';
  WHEN 'ai_similarity' THEN
    PERFORM sibyl.check_arguments('ai_similarity(a, b)', arguments, 1, 1);
    keys := sibyl.key_part(arguments[1]);
    literals := format(', %L', arguments[1]);
  WHEN 'ai_summarize' THEN
    PERFORM sibyl.check_arguments('ai_summarize(text[, max_words[, options]])', arguments, 0, 2);
    arguments[1] := arguments[1]::bigint::text;
    arguments[2] := arguments[2]::jsonb::text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L::bigint, %L::jsonb', arguments[1], arguments[2]);
  WHEN 'ai_translate' THEN
    PERFORM sibyl.check_arguments('ai_translate(text, language[, options])', arguments, 1, 2);
    arguments[2] := arguments[2]::jsonb::text;
    keys := sibyl.key_part(arguments[1]) || sibyl.key_part(arguments[2]);
    literals := format(', %L, %L::jsonb', arguments[1], arguments[2]);
  ELSE
    RAISE EXCEPTION USING
      ERRCODE = 'undefined_function',
      MESSAGE = format('ai_prefetch: argument 2 (function) must be a function whose answers are kept (%s); got "%s"',
        'ai_classify, ai_embed, ai_extract, ai_filter, ai_fix_grammar, ai_generate, ai_mask, ai_score, ai_sentiment, ai_sentiment_score, ai_similarity, ai_summarize, ai_translate', function_name);
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

GRANT SELECT ON sibyl.status TO PUBLIC;
