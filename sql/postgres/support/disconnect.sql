-- Gives up this session's connection to the bridge. On the first failure that is all, and the caller tries once
-- more: the bridge may have been restarted. Otherwise it raises the error that says what to do.
CREATE OR REPLACE FUNCTION sibyl.disconnect(
  function_name text, is_first_failure boolean, state text, message text, detail text
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
BEGIN
  IF 'sibyl' = ANY ({dblink}.dblink_get_connections()) THEN
    PERFORM {dblink}.dblink_disconnect('sibyl');
  END IF;
  -- 08001: a new connection was refused, so another one would be, too.
  IF state = '08001' OR NOT is_first_failure THEN
    RAISE EXCEPTION USING
      ERRCODE = 'connection_failure',
      MESSAGE = format('%s: the Sibyl bridge at %s does not answer', function_name, sibyl.address()),
      DETAIL = coalesce(nullif(btrim(regexp_replace(coalesce(nullif(detail, ''), message), '[[:space:]]+', ' ', 'g')), ''), 'No reason given.'),
      HINT = 'Start it with: sibyl bridge --dsn postgresql://… Answers that are cached come without it.';
  END IF;
END
$sibyl$;
