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
