-- Written so that the planner puts the expression in place of the call.
CREATE OR REPLACE FUNCTION sibyl.key_part(argument text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
AS $sibyl$
-- Part of Sibyl.
SELECT CASE WHEN $1 IS NULL THEN E'\\x00'::bytea
  ELSE E'\\x01'::bytea || int4send(octet_length($1)) || convert_to($1, 'UTF8') END
$sibyl$;
