SELECT ai_score('I want my money back', 'refund') > 0.5, ai_score('The weather is lovely', 'refund') < 0.5;
SELECT ai_score('I want my money back', 'refund') BETWEEN 0 AND 1;
SELECT ai_score(NULL, 'refund') IS NULL, ai_score('x', NULL) IS NULL, ai_score('', 'refund') IS NULL, ai_score('x', ' ') IS NULL;
SELECT ai_score(x'00', 'refund');
SELECT ai_score('x');
