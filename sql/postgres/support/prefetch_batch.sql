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
