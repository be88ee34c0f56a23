-- Asks the bridge about one scalar call. The same as sibyl.call, without what only many answers need: this is what a
-- query pays for each of its rows.
CREATE OR REPLACE FUNCTION sibyl.call_one(function_name text, arguments text, context jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  first_question CONSTANT text := CASE
    WHEN context IS NULL THEN format('SELECT * FROM sibyl_call(%L%s)', function_name, arguments)
    ELSE format('SELECT * FROM sibyl_call_in(%L, %L%s)', context, function_name, arguments) END;
  question text;
  ticket text;
  answer text;
  is_first_failure boolean := true;
  has_sent boolean := false;
  state text;
  message text;
  detail text;
BEGIN
  LOOP
    BEGIN
      IF ('sibyl' = ANY ({dblink}.dblink_get_connections())) IS NOT TRUE THEN
        PERFORM sibyl.connect();
      END IF;
      question := first_question;
      LOOP
        SELECT reply.ticket, reply.answer INTO ticket, answer
        FROM {dblink}.dblink('sibyl', question) AS reply (ticket text, answer text);
        IF ticket IS NULL THEN
          RETURN answer;
        END IF;
        question := format('SELECT * FROM sibyl_wait(%L)', ticket);
      END LOOP;
    EXCEPTION
      WHEN query_canceled THEN
        IF 'sibyl' = ANY ({dblink}.dblink_get_connections()) THEN
          PERFORM {dblink}.dblink_disconnect('sibyl');
        END IF;
        RAISE;
      -- The bridge does not have the classifier: it was started since, or has forgotten it for others.
      WHEN SQLSTATE 'SB001' THEN
        IF has_sent THEN
          RAISE;
        END IF;
        PERFORM sibyl.send_classifier(function_name, context->'classifier'->>'name', context->'classifier'->>'digest');
        has_sent := true;
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
