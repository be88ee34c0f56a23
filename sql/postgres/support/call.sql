-- Asks the bridge: one answer an element of an array call, one a row of a table. See also call_one.
--
-- A call that is not done within 50 ms gets a ticket, and the bridge is asked again and again: between two
-- questions PostgreSQL sees that the query was cancelled. It then hangs up, which tells the bridge at once.
CREATE OR REPLACE FUNCTION sibyl.call(function_name text, arguments text) RETURNS text[]
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  first_question CONSTANT text := format('SELECT * FROM sibyl_call(%L%s)', function_name, arguments);
  question text;
  ticket text;
  answers text[];
  is_first_failure boolean := true;
  state text;
  message text;
  detail text;
BEGIN
  LOOP
    BEGIN
      PERFORM sibyl.connect();
      question := first_question;
      LOOP
        SELECT min(reply.ticket), array_agg(reply.answer) INTO ticket, answers
        FROM {dblink}.dblink('sibyl', question) AS reply (ticket text, answer text);
        IF ticket IS NULL THEN
          RETURN answers;
        END IF;
        question := format('SELECT * FROM sibyl_wait(%L)', ticket);
      END LOOP;
    EXCEPTION
      WHEN query_canceled THEN
        IF 'sibyl' = ANY ({dblink}.dblink_get_connections()) THEN
          PERFORM {dblink}.dblink_disconnect('sibyl');
        END IF;
        RAISE;
      WHEN connection_exception OR admin_shutdown OR crash_shutdown OR cannot_connect_now OR internal_error THEN
        GET STACKED DIAGNOSTICS
          state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        -- dblink calls it an internal error that it could not send. Other ones are the bridge's own.
        IF state = 'XX000' AND message NOT LIKE 'could not send query%' THEN
          RAISE;
        END IF;
        PERFORM sibyl.disconnect(function_name, is_first_failure, state, message, detail);
        is_first_failure := false;
    END;
  END LOOP;
END
$sibyl$;
