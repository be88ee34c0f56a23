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
  PERFORM FROM {dblink}.dblink('sibyl', format('SELECT * FROM sibyl_keep(%L)', upload))
    AS reply (ticket text, answer text);
END
$sibyl$;
