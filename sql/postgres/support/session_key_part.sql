-- What stands behind the arguments in the key of an answer that depends on a classifier, on a correction, or on both.
CREATE OR REPLACE FUNCTION sibyl.session_key_part(classifier_digest text, corrected_label text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
AS $sibyl$
-- Part of Sibyl.
SELECT CASE WHEN $1 IS NULL THEN ''::bytea
    ELSE E'\\x04'::bytea || int4send(octet_length($1)) || convert_to($1, 'UTF8') END
  || CASE WHEN $2 IS NULL THEN ''::bytea
    ELSE E'\\x05'::bytea || int4send(octet_length($2)) || convert_to($2, 'UTF8') END
$sibyl$;
