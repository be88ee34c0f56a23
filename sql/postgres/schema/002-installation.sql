-- How Sibyl is installed here: one row.
CREATE TABLE sibyl.installation (
  is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
  schema name NOT NULL,
  sibyl_version text NOT NULL,
  host text NOT NULL,
  port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  requires_tls boolean NOT NULL,
  embedding_type text NOT NULL,
  owns_dblink boolean NOT NULL,
  installed timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE sibyl.installation IS 'Where the ai_ functions are, and where their bridge is.';
