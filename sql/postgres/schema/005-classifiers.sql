-- What was trained and corrected in this database. These rows are the users': they are dumped and restored with it, and
-- may be deleted like any others. Who may write here may train and correct.

CREATE TABLE sibyl.classifiers (
  name text COLLATE "C" PRIMARY KEY,
  method text NOT NULL,
  -- The encoder's name where it was trained, and its digest.
  model text NOT NULL,
  encoder text NOT NULL,
  labels text[] NOT NULL,
  report json NOT NULL,
  digest text NOT NULL,
  weights bytea NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  created_by name NOT NULL DEFAULT current_user
);
-- They look like noise, which compresses to no less.
ALTER TABLE sibyl.classifiers ALTER COLUMN weights SET STORAGE EXTERNAL;
COMMENT ON TABLE sibyl.classifiers IS
  'What ai_train has learnt, one row a classifier. DELETE removes one; who is granted SELECT, INSERT and UPDATE may train.';

-- Whether anything may be in sibyl.feedback: while nothing is, a call whose answer is kept pays nothing for looking.
-- Set by what stores corrections, taken back by the bridge while nobody writes there.
ALTER TABLE sibyl.function ADD COLUMN has_corrections boolean NOT NULL DEFAULT true;

CREATE TABLE sibyl.feedback (
  -- A function, or a classifier.
  name text COLLATE "C" NOT NULL,
  -- SHA-256 of the text in UTF-8: a text may be longer than what an index takes.
  key bytea NOT NULL CHECK (octet_length(key) = 32),
  text text NOT NULL,
  label text NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  created_by name NOT NULL DEFAULT current_user,
  PRIMARY KEY (name, key)
);
COMMENT ON TABLE sibyl.feedback IS
  'The right labels that ai_feedback was told, one row a text. DELETE takes one back; who is granted SELECT, INSERT and UPDATE may correct.';

CREATE TABLE sibyl.evaluations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  time timestamptz NOT NULL DEFAULT clock_timestamp(),
  sql text NOT NULL,
  version text NOT NULL,
  rows bigint NOT NULL,
  accuracy double precision NOT NULL,
  macro_f1 double precision NOT NULL,
  calibration_error double precision,
  report json NOT NULL,
  created_by name NOT NULL DEFAULT current_user
);
CREATE INDEX ON sibyl.evaluations (name, id);
COMMENT ON TABLE sibyl.evaluations IS 'What sibyl eval has measured.';
