-- Opens this session's connection to the bridge, where it is not open. It stays open for the session's life.
CREATE OR REPLACE FUNCTION sibyl.connect() RETURNS void
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
BEGIN
  IF ('sibyl' = ANY ({dblink}.dblink_get_connections())) IS NOT TRUE THEN
    PERFORM {dblink}.dblink_connect('sibyl', 'sibyl_bridge');
  END IF;
END
$sibyl$;
