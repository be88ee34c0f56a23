-- A classifier without its weights, as the bridge is told of it.
CREATE OR REPLACE FUNCTION sibyl.describe_classifier(it sibyl.classifiers) RETURNS json
LANGUAGE sql STABLE
AS $sibyl$
-- Part of Sibyl.
SELECT json_build_object('name', it.name, 'method', it.method, 'model', it.model, 'encoder', it.encoder,
  'labels', it.labels, 'report', it.report, 'digest', it.digest,
  'created', to_char(it.created AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
$sibyl$;
