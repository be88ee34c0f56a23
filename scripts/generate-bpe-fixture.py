#!/usr/bin/env python3
"""Writes Tests/TokenizationTests/Fixtures/bpe-*: texts with llama.cpp's tokens.

    Benchmarks/peers/install.sh       # builds llama.cpp, and installs gguf and numpy
    Benchmarks/peers/work/venv/bin/python scripts/generate-bpe-fixture.py path/to/SmolLM2-135M-Instruct.Q4_1.gguf

- bpe-bytes.gguf, bpe-pieces.gguf: two small vocabularies, byte-level and SentencePiece, made from the first
  merges of SmolLM2's.
- bpe-small.json: for each family the tokens of each text in these vocabularies; `parsed` where control tokens
  were looked for in the text and found.
- bpe-smollm2.json: the same with SmolLM2's own vocabulary.
"""

import ctypes
import json
import os
import pathlib
import random
import sys
import tempfile
import types

import gguf

ROOT = pathlib.Path(__file__).parent.parent
WORK = ROOT / "Benchmarks" / "peers" / "work"
OUTPUT = ROOT / "Tests" / "TokenizationTests" / "Fixtures"
r = random.Random(20240301)

# The package's module of C bindings, without its high-level part (which needs more packages).
os.environ["LLAMA_CPP_LIB_PATH"] = str(WORK / "llama.cpp" / "bin")
package = types.ModuleType("llama_cpp")
package.__path__ = [str(WORK / "llama_cpp_python" / "llama_cpp")]
sys.modules["llama_cpp"] = package
from llama_cpp import llama_cpp as api  # noqa: E402

quiet = api.llama_log_callback(lambda level, text, data: None)
api.llama_log_set(quiet, None)
api.llama_backend_init()


def load(path):
    settings = api.llama_model_default_params()
    settings.vocab_only = True
    model = api.llama_model_load_from_file(str(path).encode(), settings)
    assert model, path
    return api.llama_model_get_vocab(model)


def tokens(vocabulary, text, parses):
    encoded = text.encode()
    ids = (api.llama_token * (len(encoded) + 16))()
    count = api.llama_tokenize(vocabulary, encoded, len(encoded), ids, len(ids), False, parses)
    assert count >= 0
    return list(ids[:count])


def answers(vocabulary, texts):
    out = []
    for text in texts:
        plain, parsed = tokens(vocabulary, text, False), tokens(vocabulary, text, True)
        out.append({"text": text, "ids": plain} | ({"parsed": parsed} if parsed != plain else {}))
    return out


WRITTEN = [
    "", " ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", " \n ", "a", " a", "a ", "  a", "a  b", "a   b ", "x\n\n\ny", "x \n\n y", "\n a", "\r\n\r\n b",
    "The parcel arrived broken, and nobody answered my e-mails for three weeks!",
    "I can't believe it's not butter; we'll've eaten it by 5:30 p.m. on 12/31/1999.", "DON'T 'TIS I'M YOU'LL THEY'RE he'D 'x 'é ''s '' s",
    "Crème brûlée à la façon de Mme. Noël coûte 12,50\u00a0€.", "Cre\u0300me bru\u0302le\u0301e", "Übergrößenträger ẞ ß ŒUVRE ǅ ʰ",
    "Москва́ — столица России.", "ΌΔΟΣ ΣΊΣΥΦΟΣ ὈΔΥΣΣΕΎΣ", "東京都は日本の首都です。", "我爱北京天安门！", "한국어 텍스트", "ไทยภาษา", "हिन्दी में लिखा", "العربيّة", "שָׁלוֹם",
    "កាន់តែពិសេសអាចខលចេញ", "👩\u200d👩\u200d👧\u200d👦 👍🏽 🇩🇪 ❤\ufe0f 😶‍🌫️", "zero\u200bwidth soft\u00adhyphen bom\ufeff", "\ufb01nd o\ufb03ce ½ ² ™ Ⅷ ㎏ ٣٤ १२३ 零",
    "a\u0000b\u0001c\u001fd\u007fe\u0085f", "tab\tnew\nline\rreturn\u000bvt\u000cff\u00a0nbsp\u2003em\u3000wide\u2028ls\u2029ps",
    "0 00 000 0000 00000 123456789 3.14159 1,000,000 $5 50% #1 @me 007", "a1b2 c34d 5 6 7  8   9", "١٢٣٤٥٦ ⅓⅔ ①②③④",
    "def f(x):\n    if x > 0:\n\treturn x**2  # comment\n\n\n    return None\n", "#include <stdio.h>\nint main(void) { return a->b != c::d ? 1 : 0; }\r\n",
    '{"a": [1, 2.5, null], "b": {"c": "d\\n"}}', "<div class=\"x\">&nbsp;</div>", "https://example.org/a?b=c&d=%20#frag user@example.com",
    "snake_case camelCase kebab-case UPPER MixedCase2Text", "....,,,!!!???---___===***", "(((nested [brackets] {and} <tags>)))", "“curly” ‘quotes’ «guillemets» ¿qué? ¡hola!",
    "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", "<|im_start", "<|im_end|><|im_end|>", "a<|endoftext|>b", " <|endoftext|> ", "<|im_<|im_end|>end|>", "<think>hm</think> yes", "<s>x</s>", "▁x ▁▁ y",
    "a" * 47, "a" * 48, "a" * 49, "ab" * 100, " " * 70, "\n" * 60, "=" * 55, "1" * 50, "漢" * 30, "é" * 60, "x" + " " * 50 + "y", "thethethe" * 12, "the " * 20,
    "\U00020000\U0001d165\U000e0041\U0010ffff", "\ue000\uf8ff\ufffd",
]
SPACES = [" "] * 8 + ["  ", "\t", "\n", "\r\n", " \n", "\u00a0", "\u3000", "\u200b", ""]
BLOCKS = [(0x20, 0x7F), (0xA0, 0x250), (0x250, 0x370), (0x370, 0x530), (0x5D0, 0x700), (0x900, 0xE00), (0xE00, 0x1200), (0x1E00, 0x2000), (0x2000, 0x2C00), (0x3040, 0x3100), (0x4E00, 0x9FFF), (0xAC00, 0xD7A4), (0x1F300, 0x1FA00)]
WORDS = " ".join(WRITTEN[19:24]).split() + "the and of information international understanding didn't we're They'LL 42 2024-03-01 e.g. http:// foo_bar".split()


def piece():
    k = r.random()
    if k < 0.6:
        return r.choice(WORDS)
    if k < 0.8:
        a, b = r.choice(BLOCKS)
        return "".join(chr(r.randrange(a, b)) for _ in range(r.randrange(1, 6)))
    if k < 0.9:
        return str(r.randrange(10 ** r.randrange(1, 9)))
    return r.choice("'\"!?.,;:-_()[]{}<>/\\|@#$%^&*+=~`") * r.randrange(1, 4)


def random_texts(count):
    return ["".join(piece() + r.choice(SPACES) for _ in range(r.randrange(1, 12))) for _ in range(count)]


# MARK: The small vocabularies

smollm2 = gguf.GGUFReader(sys.argv[1])
merges = smollm2.fields["tokenizer.ggml.merges"].contents()[:300]
vocabulary = smollm2.fields["tokenizer.ggml.tokens"].contents()
kinds = smollm2.fields["tokenizer.ggml.token_type"].contents()
letters = sorted({t for t, k in zip(vocabulary, kinds) if k == 1 and len(t) == 1})
CONTROL, USER, UNKNOWN, BYTE = gguf.TokenType.CONTROL, gguf.TokenType.USER_DEFINED, gguf.TokenType.UNKNOWN, gguf.TokenType.BYTE


def write(path, model, name, listed, scores=None, pre=None, bos=None, eos=None, unknown=None):
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_tokenizer_model(model)
    if pre:
        writer.add_tokenizer_pre(pre)
        # Merges behind the first 300: one through a piece that is no token, one that no other leads to.
        writer.add_token_merges(merges + ["q z", "qz q"])
    writer.add_token_list([t for t, _ in listed])
    writer.add_token_types([k for _, k in listed])
    if scores:
        writer.add_token_scores(scores)
    for add, value in ((writer.add_bos_token_id, bos), (writer.add_eos_token_id, eos), (writer.add_unk_token_id, unknown)):
        if value is not None:
            add(value)
    if not pre:
        writer.add_add_bos_token(True)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


normal = gguf.TokenType.NORMAL
byte_level = [("<|endoftext|>", CONTROL), ("<|im_start|>", CONTROL), ("<|im_end|>", CONTROL), ("<think>", USER), ("</think>", USER)]
byte_level += [(t, normal) for t in letters]
byte_level += [(m.replace(" ", "", 1), normal) for m in merges]
# A token that no merge makes, one that is made from a piece that is no token.
byte_level += [("Ġcamel", normal), ("qzq", normal)]
assert len({t for t, _ in byte_level}) == len(byte_level)

pieces = [("<unk>", UNKNOWN), ("<s>", CONTROL), ("</s>", CONTROL)] + [(f"<0x{b:02X}>", BYTE) for b in range(256)]
words, known = [], set()
for m in merges:
    word = m.replace(" ", "", 1).replace("Ġ", "▁")
    if all(c == "▁" or 0x20 < ord(c) < 0x7F for c in word) and word not in known:
        known.add(word)
        words.append(word)
words += ["▁▁", "▁▁▁▁", "日本", "éé"]
singles = sorted({c for w in words for c in w} | set("abcdefghijklmnopqrstuvwxyzABCDEFG.,!?'0123456789日é")) 
# One that merges lead through although it is no token.
singles.remove("本")
words = list(dict.fromkeys(words))
pieces += [(w, normal) for w in words + singles]
scores = [0.0] * 259 + [-float(i) for i in range(len(words))] + [-float(1000 + i) for i in range(len(singles))]

texts = WRITTEN + ["qz qzq qzqzq", " camel camel", "camelCase"] + random_texts(25)
small = {}
with tempfile.TemporaryDirectory() as folder:
    for pre in ("gpt-2", "smollm", "llama-bpe", "qwen2"):
        path = pathlib.Path(folder) / f"{pre}.gguf"
        write(path, "gpt2", pre, byte_level, pre=pre, bos=1, eos=2)
        small[pre] = answers(load(path), texts)
write(OUTPUT / "bpe-bytes.gguf", "gpt2", "small", byte_level, pre="smollm", bos=1, eos=2)
write(OUTPUT / "bpe-pieces.gguf", "llama", "small", pieces, scores, bos=1, eos=2, unknown=0)
small["llama"] = answers(load(OUTPUT / "bpe-pieces.gguf"), texts)

# One list of texts; the answers beside it.
lines = ["{", f'"texts": {json.dumps(texts, separators=(",", ":"))}', ]
for family, cases in small.items():
    ids = [case["ids"] for case in cases]
    parsed = {str(i): case["parsed"] for i, case in enumerate(cases) if "parsed" in case}
    lines.append(f',"{family}": {json.dumps({"ids": ids, "parsed": parsed}, separators=(",", ":"))}')
(OUTPUT / "bpe-small.json").write_text("\n".join(lines + ["}"]) + "\n")

cases = answers(load(sys.argv[1]), WRITTEN + random_texts(130))
body = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
(OUTPUT / "bpe-smollm2.json").write_text(f"[\n{body}\n]\n")
for path in sorted(OUTPUT.glob("bpe-*")):
    print(path, path.stat().st_size, "bytes")
print(len(texts), "texts in small vocabularies,", len(cases), "in SmolLM2's")
