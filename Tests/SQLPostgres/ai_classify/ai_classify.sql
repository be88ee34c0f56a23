-- Labels as an array, as jsonb, as text that holds JSON; an untyped literal is text.
SELECT ai_classify('I was charged twice', ARRAY['billing', 'shipping']);
SELECT ai_classify('I was charged twice', '["billing", "shipping"]'::jsonb);
SELECT ai_classify('I was charged twice', '["billing", "shipping"]'::text);
SELECT ai_classify('I was charged twice', '["billing", "shipping"]');
SELECT ai_classify('I was charged twice', '{"billing":"invoices and payments","shipping":"delivery"}');
SELECT ai_classify('I was charged twice', jsonb_build_object('billing', 'invoices and payments', 'shipping', 'delivery'));
SELECT ai_classify('I was charged twice', ARRAY['billing', 'shipping']::varchar[]);
-- Arguments by name, options.
SELECT ai_classify(text => 'I was charged twice', labels => ARRAY['billing', 'shipping'], options => '{"min_confidence":0}');
SELECT ai_classify('zxcv', ARRAY['billing', 'shipping'], '{"min_confidence":1}') IS NULL;
SELECT jsonb_typeof(ai_classify('a late parcel', ARRAY['billing', 'shipping'], '{"scores":true}')::jsonb);
SELECT jsonb_typeof(ai_classify('a late parcel', ARRAY['billing', 'shipping'], '{"multi_label":true}')::jsonb);
SELECT (ai_classify('a late parcel', ARRAY['billing', 'shipping'], '{"scores":true}')::jsonb ->> 'billing')::float BETWEEN 0 AND 1;
SELECT ai_classify('The screen is cracked', ARRAY['A', 'B'], '{"examples":[{"text":"It arrived broken","label":"A"},{"text":"The lid is scratched","label":"A"},{"text":"Where is my invoice?","label":"B"},{"text":"You charged me twice","label":"B"}]}');
SELECT ai_classify('x', ARRAY['a', 'b'], NULL) = ai_classify('x', ARRAY['a', 'b'], '{}');
-- Arrays of texts.
SELECT ai_classify(ARRAY['I was charged twice', NULL, '', 'The parcel is late'], ARRAY['billing', 'shipping']);
SELECT ai_classify(ARRAY['I was charged twice'], '["billing", "shipping"]'), ai_classify(ARRAY['I was charged twice'], '["billing", "shipping"]'::jsonb);
SELECT pg_typeof(ai_classify('x', ARRAY['a', 'b'])), pg_typeof(ai_classify(ARRAY['x'], ARRAY['a', 'b']));
-- NULL gives NULL.
SELECT ai_classify(NULL, ARRAY['a', 'b']) IS NULL, ai_classify('x', NULL::text[]) IS NULL, ai_classify('x', NULL::jsonb) IS NULL, ai_classify(' ', ARRAY['a', 'b']) IS NULL;
-- Labels with everything in them.
SELECT ai_classify('it''s late', ARRAY['it''s "late"', E'a\\b', '{x}', '$$', 'Ünïcödé']);
SELECT ai_classify('tickets', ARRAY['a', 'b']), count(*) FROM generate_series(1, 3) GROUP BY 1;
