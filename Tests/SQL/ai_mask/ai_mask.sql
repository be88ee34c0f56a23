SELECT ai_mask('Write to anna@example.com or call +49 30 901820', '["email","phone"]');
SELECT ai_mask('Write to anna@example.com or call +49 30 901820', '["email"]');
SELECT ai_mask('Card 4111 1111 1111 1111, order 4111 1111 1111 1112', '["card"]');
SELECT ai_mask('IBAN DE89 3704 0044 0532 0130 00, host 192.168.0.1, on 2024-03-05, see https://example.com/a?b', '["iban","ip","date","url"]');
SELECT ai_mask('Nothing to see', '["email"]'), ai_mask('', '["email"]') = '', ai_mask(NULL, '["email"]') IS NULL;
-- What the model names is masked where the text has it, and nothing else changes.
SELECT replace(ai_mask('Anna Berg lives in Oslo', '["person"]'), '[MASKED]', '') <> '' ;
SELECT ai_mask('x', '[]');
SELECT ai_mask('x', '"email"');
SELECT ai_mask('x', '[7]');
SELECT ai_mask('x');
