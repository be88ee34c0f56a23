-- Writes answers by a statement that takes keys and answers as arrays, under the path of whoever asked for them: a
-- trigger of theirs may need it, and so may the operators of a type. Where a row can't be written (a constraint, a
-- trigger of the user's that refuses it), the others are written all the same.
CREATE OR REPLACE FUNCTION sibyl.write_answers(
  statement text, path text, keys text[], answers text[], OUT failed_keys text[], OUT errors text[]
)
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
BEGIN
  failed_keys := '{}';
  errors := '{}';
  IF cardinality(keys) = 0 THEN
    RETURN;
  END IF;
  BEGIN
    PERFORM set_config('search_path', path, true);
    EXECUTE statement USING keys, answers;
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    RETURN;
  EXCEPTION
    WHEN integrity_constraint_violation OR data_exception OR raise_exception OR with_check_option_violation THEN
      NULL;
  END;
  FOR place IN 1 .. cardinality(keys) LOOP
    BEGIN
      PERFORM set_config('search_path', path, true);
      EXECUTE statement USING keys[place : place], answers[place : place];
      PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    EXCEPTION
      WHEN integrity_constraint_violation OR data_exception OR raise_exception OR with_check_option_violation THEN
        failed_keys := failed_keys || keys[place];
        errors := errors || SQLERRM;
    END;
  END LOOP;
END
$sibyl$;
