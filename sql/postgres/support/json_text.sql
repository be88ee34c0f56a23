CREATE OR REPLACE FUNCTION sibyl.json_text(argument text) RETURNS text
LANGUAGE plpgsql STABLE
AS $sibyl$
-- Part of Sibyl.
-- What is no array or object goes to the bridge as it is: its error says what the function expects, and
-- PostgreSQL's could not.
BEGIN
  IF pg_catalog.left(pg_catalog.ltrim(argument, E' \t\n\r'), 1) OPERATOR(pg_catalog.=) ANY ('{[,"{"}') THEN
    RETURN argument::pg_catalog.jsonb::pg_catalog.text;
  END IF;
  RETURN argument;
EXCEPTION
  WHEN data_exception THEN
    RETURN argument;
END
$sibyl$;
