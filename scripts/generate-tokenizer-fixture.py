#!/usr/bin/env python3
"""Writes Tests/TokenizationTests/Fixtures/reference.json: texts with the reference tokenizer's answers.

    python3 -m venv venv && venv/bin/pip install tokenizers==0.23.3
    venv/bin/python scripts/generate-tokenizer-fixture.py path/to/tokenizer.json

The file is all-MiniLM-L6-v2's tokenizer.json. Each entry holds the text, its token ids (nothing added, nothing
cut) and, where the reference's offsets are sound, the UTF-8 byte range of each token. They are not where marks
were reordered: the reference then gives offsets by position.
"""

import json
import pathlib
import random
import sys
import unicodedata

from tokenizers import Tokenizer

OUTPUT = pathlib.Path(__file__).parent.parent / "Tests" / "TokenizationTests" / "Fixtures" / "reference.json"

tokenizer = Tokenizer.from_file(sys.argv[1])
tokenizer.no_truncation()
tokenizer.no_padding()
r = random.Random(20240229)

WRITTEN = [
    "", " ", "\n\t ", ".", "a", "[CLS]", "[cls]", "[[SEP]]", "a[MASK]b", "[MASK", "[PAD][UNK]", "[SE P]", "[CL\u0000S]",
    "The parcel arrived broken, and nobody answered my e-mails for three weeks!",
    "I can't believe it's not butter; we'll've eaten it by 5:30 p.m. on 12/31/1999.",
    "Crème brûlée à la façon de Mme. Noël coûte 12,50\u00a0€.", "Cre\u0300me bru\u0302le\u0301e", "Übergrößenträger ẞ ß",
    "ΌΔΟΣ ΣΊΣΥΦΟΣ ὈΔΥΣΣΕΎΣ", "İstanbul IĞDIR ıspanak", "Москва́ — столица России.", "Ёлка й", "東京都は日本の首都です。",
    "我爱北京天安门！", "한국어 텍스트 각힣", "\u1112\u1161\u11ab", "ไทยภาษา", "हिन्दी में लिखा", "العربيّة", "שָׁלוֹם",
    "👩\u200d👩\u200d👧\u200d👦 👍🏽 🇩🇪 ❤\ufe0f", "zero\u200bwidth soft\u00adhyphen bom\ufeff", "\ufb01nd o\ufb03ce ½ ² ™ Ⅷ ㎏", "a\u0000b\u0007c\u001fd\u007fe\u0085f",
    "tab\tnew\nline\rreturn\u000bvt\u000cff\u00a0nbsp\u2003em\u3000wide\u2028ls\u2029ps", "x\ufffdy", "(((nested [brackets] {and} <tags>)))",
    "https://example.org/a?b=c&d=%20#frag user@example.com", "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "a" * 99, "a" * 100, "a" * 101, "é" * 100, "é" * 101, "e\u0301" * 100, "각" * 33, "각" * 34, "1" * 100, "ab " * 40, "\ue000\uf8ff", "\U000e0041",
    "x\U0001d165\u302ey", "x\u302e\U0001d165y", "\u1baa\u1bf2\u302f", "a\u0327\u302e\u1b44b", "\u037e\u0387\u1fef\u2260\u226e", "\u212a\u212b\u2126",
    "\uf900\ufa70\U0002f800\U00020000", "snake_case camelCase kebab-case UPPER", "##ing ##", "e.g. U.S.A. Ph.D. 3.14159 1,000,000 $5 50% #1 @me",
]
vocabulary = [w for w, _ in sorted(tokenizer.get_vocab().items(), key=lambda x: x[1]) if not w.startswith("[")]
KEPT = [0x11446, 0x1E94A, 0x1B44, 0x1BAA, 0xA953, 0xA9C0, 0x111C0, 0x1D165, 0x1D16E, 0x302E, 0x302F, 0x1D16D, 0x8D4, 0x1E000]
MARKS = list(range(0x300, 0x370)) + [0xE31, 0xE38, 0x5B0, 0x64B, 0x94D, 0x93C, 0x20D0, 0x3099, 0xB56]
BLOCKS = [
    (0, 0x100), (0x100, 0x250), (0x250, 0x300), (0x370, 0x530), (0x530, 0x700), (0x900, 0xE00), (0xE00, 0x1200), (0x1E00, 0x2000),
    (0x2000, 0x2070), (0x2070, 0x2C00), (0x3000, 0x3100), (0x3400, 0x9FFF), (0xAC00, 0xD7A4), (0xF900, 0xFB00), (0xFB00, 0x10000),
    (0x1D100, 0x1D200), (0x1D400, 0x1D800), (0x1F300, 0x1FA00), (0x20000, 0x20100), (0x2F800, 0x2FA20),
]
SPACES = [" "] * 6 + ["  ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u2028", "\u200b", "\u0000", "\ufffd"]


def piece():
    k = r.random()
    if k < 0.5:
        word = r.choice(vocabulary).removeprefix("##")
        return r.choice([word, word, word, word.upper(), word.title()])
    if k < 0.6:
        return "".join(r.choice(vocabulary).removeprefix("##") for _ in range(r.randrange(2, 6)))
    if k < 0.75:
        a, b = r.choice(BLOCKS)
        return "".join(chr(r.randrange(a, b)) for _ in range(r.randrange(1, 5)))
    if k < 0.83:
        return r.choice("aeocnAE\u0915\u4e2d\uac00") + "".join(chr(r.choice(MARKS + KEPT)) for _ in range(r.randrange(1, 5)))
    if k < 0.87:
        return r.choice(["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "[mask]", "[SEP"])
    if k < 0.92:
        return f"{r.random() * 10 ** r.randrange(0, 9):.{r.randrange(0, 5)}f}"
    return r.choice(".,;:!?-_'\"()[]{}<>@#$%^&*/\\|~`+=")


texts = WRITTEN + [
    "".join(piece() + (r.choice(SPACES) if r.random() < 0.7 else "") for _ in range(r.randrange(1, 14))) for _ in range(640)
]
cases = []
for text in texts:
    encoding = tokenizer.encode(text, add_special_tokens=False)
    case = {"text": text, "ids": encoding.ids}
    if unicodedata.normalize("NFD", text) == "".join(unicodedata.normalize("NFD", c) for c in text):
        if not any(ord(c) in KEPT or unicodedata.category(c) == "Mc" for c in text):
            starts = [0]
            for c in text:
                starts.append(starts[-1] + len(c.encode()))
            case["ranges"] = [[starts[a], starts[b]] for a, b in encoding.offsets]
    cases.append(case)
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
OUTPUT.write_text(f"[\n{lines}\n]\n")
print(OUTPUT, len(cases), "texts", OUTPUT.stat().st_size, "bytes", sum("ranges" in c for c in cases), "with ranges")
