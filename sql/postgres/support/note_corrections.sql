-- Says that something is in sibyl.feedback from now on. Harmless to call without: looking for nothing takes a moment.
CREATE OR REPLACE FUNCTION sibyl.note_corrections() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
UPDATE sibyl.function AS known SET has_corrections = true WHERE NOT known.has_corrections
$sibyl$;
