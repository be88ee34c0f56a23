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
