-- Takes a column's triggers away, or those of all columns.
CREATE OR REPLACE FUNCTION sibyl.drop_triggers(column_id bigint DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT t.tgname, t.tgrelid::regclass AS source FROM pg_trigger AS t
    WHERE t.tgfoid = 'sibyl.note_changes'::regproc
      AND (column_id IS NULL OR t.tgname LIKE format('sibyl\_%s\_%%', column_id))
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one.source);
  END LOOP;
END
$sibyl$;
