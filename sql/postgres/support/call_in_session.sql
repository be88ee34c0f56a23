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
