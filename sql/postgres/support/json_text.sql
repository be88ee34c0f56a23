CREATE OR REPLACE FUNCTION sibyl.json_text(argument text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $sibyl$
-- Part of Sibyl.
-- What does not even begin like an array or an object goes to the bridge as it is: its error says what the
-- function expects, and PostgreSQL's could not.
SELECT CASE WHEN left(ltrim($1, E' \t\n\r'), 1) IN ('[', '{') THEN $1::jsonb::text ELSE $1 END
$sibyl$;
