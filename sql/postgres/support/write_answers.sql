-- Writes answers by a statement that takes keys and answers as arrays. Where a row can't be written (a constraint, a
-- trigger of the user's that refuses it), the others are written all the same.
CREATE OR REPLACE FUNCTION sibyl.write_answers(
  statement text, keys text[], answers text[], OUT failed_keys text[], OUT errors text[]
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
    EXECUTE statement USING keys, answers;
    RETURN;
  EXCEPTION
    WHEN integrity_constraint_violation OR data_exception OR raise_exception OR with_check_option_violation THEN
      NULL;
  END;
  FOR place IN 1 .. cardinality(keys) LOOP
    BEGIN
      EXECUTE statement USING keys[place : place], answers[place : place];
    EXCEPTION
      WHEN integrity_constraint_violation OR data_exception OR raise_exception OR with_check_option_violation THEN
        failed_keys := failed_keys || keys[place];
        errors := errors || SQLERRM;
    END;
  END LOOP;
END
$sibyl$;
