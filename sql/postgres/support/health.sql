CREATE OR REPLACE FUNCTION sibyl.health(OUT ok boolean, OUT detail text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  message text;
  reason text;
BEGIN
  SELECT true, format('sibyl %s at %s, up %s, %s requests, %s waiting', status.version, sibyl.address(),
    date_trunc('second', status.uptime), status.requests, status.queue_length)
  INTO ok, detail
  FROM sibyl.bridge_status() AS status;
  IF ok IS NULL THEN
    ok := false;
    detail := 'the bridge gave no status';
  END IF;
EXCEPTION
  WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, reason = PG_EXCEPTION_DETAIL;
    ok := false;
    detail := message || coalesce(' (' || nullif(reason, '') || ')', '');
END
$sibyl$;
