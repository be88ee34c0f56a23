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
