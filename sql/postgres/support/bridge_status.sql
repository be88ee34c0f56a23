CREATE OR REPLACE FUNCTION sibyl.bridge_status() RETURNS TABLE (
  version text, started timestamptz, uptime interval, models text[], queue_length bigint, requests bigint,
  answered bigint, cache_hits bigint, rows_per_second double precision, sessions bigint
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  is_first_failure boolean := true;
  state text;
  message text;
  detail text;
BEGIN
  LOOP
    BEGIN
      PERFORM sibyl.connect();
      RETURN QUERY
      SELECT reply.version, reply.started, make_interval(secs => reply.uptime), reply.models,
        reply.queue_length, reply.requests, reply.answered, reply.cache_hits, reply.rows_per_second,
        reply.sessions
      FROM {dblink}.dblink('sibyl', 'SELECT * FROM sibyl_status()') AS reply (
        version text, started timestamptz, uptime double precision, models text[], queue_length bigint,
        requests bigint, answered bigint, cache_hits bigint, rows_per_second double precision,
        sessions bigint);
      RETURN;
    EXCEPTION
      WHEN connection_exception OR admin_shutdown OR crash_shutdown OR cannot_connect_now OR internal_error THEN
        GET STACKED DIAGNOSTICS
          state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        -- dblink calls it an internal error that it could not send. Other ones are the bridge's own.
        IF state = 'XX000' AND message NOT LIKE 'could not send query%' THEN
          RAISE;
        END IF;
        PERFORM sibyl.disconnect('sibyl.status', is_first_failure, state, message, detail);
        is_first_failure := false;
    END;
  END LOOP;
END
$sibyl$;
