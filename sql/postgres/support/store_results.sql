-- Stores what a call has brought, with the rights of whoever called: those on the tables say who may train and correct.
CREATE OR REPLACE FUNCTION sibyl.store_results(results text[]) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  result pg_catalog.text;
  content pg_catalog.json;
BEGIN
  FOREACH result IN ARRAY results LOOP
    content := result::pg_catalog.json;
    IF pg_catalog.json_extract_path(content, 'classifier') IS NOT NULL THEN
      INSERT INTO sibyl.classifiers AS known (name, method, model, encoder, labels, report, digest, weights, created, created_by)
      SELECT c.name, c.method, c.model, c.encoder, c.labels, c.report, c.digest, pg_catalog.decode(c.weights, 'hex'),
        c.created, current_user
      FROM pg_catalog.json_to_record(pg_catalog.json_extract_path(content, 'classifier')) AS c (
        name pg_catalog.text, method pg_catalog.text, model pg_catalog.text, encoder pg_catalog.text,
        labels pg_catalog.text[], report pg_catalog.json, digest pg_catalog.text, weights pg_catalog.text,
        created pg_catalog.timestamptz)
      ON CONFLICT (name) DO UPDATE SET method = excluded.method, model = excluded.model, encoder = excluded.encoder,
        labels = excluded.labels, report = excluded.report, digest = excluded.digest, weights = excluded.weights,
        created = excluded.created, created_by = excluded.created_by;
    END IF;
    IF pg_catalog.json_extract_path(content, 'correction') IS NOT NULL THEN
      INSERT INTO sibyl.feedback AS known (name, key, text, label, created, created_by)
      SELECT f.name, pg_catalog.sha256(pg_catalog.convert_to(f.text, 'UTF8')), f.text, f.label,
        pg_catalog.clock_timestamp(), current_user
      FROM pg_catalog.json_to_record(pg_catalog.json_extract_path(content, 'correction')) AS f (
        name pg_catalog.text, text pg_catalog.text, label pg_catalog.text)
      ON CONFLICT (name, key) DO UPDATE SET label = excluded.label, created = excluded.created,
        created_by = excluded.created_by;
      PERFORM sibyl.note_corrections();
    END IF;
  END LOOP;
END
$sibyl$;
