-- What the bridge keeps in the database. Applied once, in the transaction of the installation, which makes the
-- schema sibyl before.

CREATE TABLE sibyl.schema_version (
  version integer PRIMARY KEY,
  name text NOT NULL,
  applied timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE sibyl.schema_version IS 'Which of Sibyl''s migrations were applied.';

CREATE TABLE sibyl.function (
  name text PRIMARY KEY,
  fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32)
);
COMMENT ON TABLE sibyl.function IS
  'What the answers of a function depend on beside its arguments (model, engine, revision), as a digest. Written by the bridge.';

-- Not logged: after a crash the answers are computed again, and until then nothing is written twice.
CREATE UNLOGGED TABLE sibyl.cache (
  key bytea PRIMARY KEY,
  answer text,
  created timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE sibyl.cache IS
  'Answers by the digest of function and arguments. Written by the bridge, read by the ai_ functions.';
