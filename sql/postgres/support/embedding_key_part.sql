-- Another mark than that of texts: an embedding is not the text that looks like it.
CREATE OR REPLACE FUNCTION sibyl.embedding_key_part(argument text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
AS $sibyl$
-- Part of Sibyl.
SELECT CASE WHEN $1 IS NULL THEN E'\\x00'::bytea
  ELSE E'\\x02'::bytea || int4send(octet_length($1)) || convert_to($1, 'UTF8') END
$sibyl$;
