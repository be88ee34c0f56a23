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
