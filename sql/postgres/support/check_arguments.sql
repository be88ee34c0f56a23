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
