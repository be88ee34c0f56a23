-- Tells, before anything is computed, that its result could not be stored.
CREATE OR REPLACE FUNCTION sibyl.require_writable(function_name text, table_name text) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  needed CONSTANT pg_catalog.text := pg_catalog.concat('sibyl.', table_name);
BEGIN
  IF NOT (pg_catalog.has_table_privilege(needed, 'SELECT') AND pg_catalog.has_table_privilege(needed, 'INSERT')
    AND pg_catalog.has_table_privilege(needed, 'UPDATE'))
  THEN
    RAISE EXCEPTION USING
      ERRCODE = 'insufficient_privilege',
      MESSAGE = pg_catalog.format('%s: the role "%s" may not store anything in %s; nothing was stored', function_name,
        current_user, needed),
      HINT = pg_catalog.format('The owner of Sibyl''s tables allows it by: GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I;',
        needed, current_user);
  END IF;
  IF pg_catalog.current_setting('transaction_read_only') OPERATOR(pg_catalog.=) 'on' THEN
    RAISE EXCEPTION USING
      ERRCODE = 'read_only_sql_transaction',
      MESSAGE = pg_catalog.format('%s: nothing can be stored in a read-only transaction; nothing was stored',
        function_name);
  END IF;
END
$sibyl$;
