SELECT ai_count_tokens('Hello, world!'), ai_count_tokens(''), ai_count_tokens('   '), ai_count_tokens(NULL);
SELECT ai_count_tokens('one two') = ai_count_tokens('one') + ai_count_tokens('two');
SELECT ai_count_tokens('日本語'), ai_count_tokens('unaffable'), ai_count_tokens(12345), ai_count_tokens('x', 'minilm');
SELECT ai_count_tokens('a' || char(0) || 'b') = ai_count_tokens('ab');
SELECT ai_count_tokens('x', 'bge');
