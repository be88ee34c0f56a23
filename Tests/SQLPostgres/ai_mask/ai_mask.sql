SELECT ai_mask('Write to anna@example.com or call +49 30 901820', ARRAY['email','phone']);
SELECT ai_mask('Write to anna@example.com or call +49 30 901820', '["email"]');
SELECT ai_mask(ARRAY['anna@example.com', NULL, 'nobody'], ARRAY['email']);
SELECT ai_mask('x', '[]');
SELECT ai_mask('x', ARRAY['']);
