-- Sends a part of what a call is about, which would not fit into the call itself. Everybody's functions use it: what was
-- sent is good for the calls of this session only.
CREATE OR REPLACE FUNCTION sibyl.put_part(function_name text, upload uuid, is_first boolean, content text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  is_first_failure boolean := is_first;
  state text;
  message text;
  detail text;
BEGIN
  LOOP
    BEGIN
      PERFORM sibyl.connect();
      PERFORM FROM {dblink}.dblink('sibyl', format('SELECT * FROM sibyl_put(%L, %L, %L)', upload, is_first, content))
        AS reply (ticket text, answer text);
      RETURN;
    EXCEPTION
      WHEN connection_exception OR admin_shutdown OR crash_shutdown OR cannot_connect_now OR internal_error THEN
        GET STACKED DIAGNOSTICS
          state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        -- dblink calls it an internal error that it could not send. Other ones are the bridge's own.
        IF state = 'XX000' AND message NOT LIKE 'could not send query%' THEN
          RAISE;
        END IF;
        -- What was sent before is lost with the connection: only a first part can be sent again.
        PERFORM sibyl.disconnect(function_name, is_first_failure, state, message, detail);
        is_first_failure := false;
    END;
  END LOOP;
END
$sibyl$;
