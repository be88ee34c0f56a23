-- Another mark than that of a text, then how many there are: a group of one text is not the text.
CREATE OR REPLACE FUNCTION sibyl.texts_key_part(texts text[]) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
AS $sibyl$
-- Part of Sibyl.
SELECT E'\\x03'::bytea || int4send(cardinality($1)) || coalesce((
  SELECT string_agg(sibyl.key_part(one.element), ''::bytea ORDER BY one.place)
  FROM unnest($1) WITH ORDINALITY AS one (element, place)), ''::bytea)
$sibyl$;
