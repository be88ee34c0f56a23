-- The answers of distinct texts, put in the order of the elements; NULL stays NULL.
--
-- The planner takes both arrays for short ones. A nested loop over long ones would be quadratic.
CREATE OR REPLACE FUNCTION sibyl.assemble(elements text[], texts text[], answers text[]) RETURNS text[]
LANGUAGE plpgsql STABLE
SET enable_nestloop = off
AS $sibyl$
-- Part of Sibyl.
BEGIN
  RETURN (
    SELECT array_agg(known.answer ORDER BY given.place)
    FROM unnest(elements) WITH ORDINALITY AS given (element, place)
    LEFT JOIN unnest(texts, answers) AS known (element, answer)
      ON known.element = given.element COLLATE "C");
END
$sibyl$;
