-- Embeddings as an array of two dimensions, which can't have a hole: a NULL becomes a row of NULLs.
CREATE OR REPLACE FUNCTION sibyl.stack_embeddings(embeddings text[]) RETURNS real[]
LANGUAGE plpgsql STABLE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  dimensions integer := 1;
  first_embedding text;
BEGIN
  IF cardinality(embeddings) = 0 THEN
    RETURN '{}';
  END IF;
  SELECT one.embedding INTO first_embedding
  FROM unnest(embeddings) AS one (embedding) WHERE one.embedding IS NOT NULL LIMIT 1;
  IF FOUND THEN
    dimensions := cardinality(first_embedding::real[]);
  END IF;
  RETURN ('{' || array_to_string(
    embeddings, ',', '{' || array_to_string(array_fill('NULL'::text, ARRAY[dimensions]), ',') || '}') || '}')::real[];
END
$sibyl$;
