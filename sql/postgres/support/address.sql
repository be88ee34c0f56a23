CREATE OR REPLACE FUNCTION sibyl.address() RETURNS text
LANGUAGE sql STABLE
AS $sibyl$
-- Part of Sibyl.
SELECT CASE WHEN i.host LIKE '/%' THEN i.host || '/.s.PGSQL.' || i.port ELSE i.host || ':' || i.port END
FROM sibyl.installation AS i
$sibyl$;
