#!/usr/bin/env python3
"""Writes Sources/Tokenization/UnicodeData.swift from the behaviour of the reference tokenizer.

The reference implementation (the `tokenizers` package) mixes Unicode versions: its categories, its
decompositions and its lower-casing come from three libraries of different age. So the tables are not taken
from the Unicode database but asked of the reference itself, scalar by scalar.

    python3 -m venv venv && venv/bin/pip install tokenizers==0.23.3
    venv/bin/python scripts/generate-unicode-tables.py
"""

import pathlib
import unicodedata

import tokenizers
from tokenizers import normalizers, pre_tokenizers

OUTPUT = pathlib.Path(__file__).parent.parent / "Sources" / "Tokenization" / "UnicodeData.swift"


def bert(**enabled):
    options = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**options, **enabled})


clean = bert(clean_text=True)
strip = bert(strip_accents=True)
lower = bert(lowercase=True)
isolate = bert(handle_chinese_chars=True)
nfd = normalizers.NFD()
split = pre_tokenizers.BertPreTokenizer()

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
HANGUL = range(0xAC00, 0xD7A4)

def precedes(a, b):
    """Whether canonical ordering moves the scalar b in front of a."""
    return a != b and nfd.normalize_str("a" + a + b)[1:] == b + a


def is_starter(c):
    """Whether the reference gives the scalar class 0. U+0334 (class 1) and U+0345 (class 240) are the extremes."""
    return c not in "\u0334\u0345" and not (precedes("\u0345", c) or precedes(c, "\u0334"))


# One representative of each canonical combining class, of those that the reference knows.
CLASSES = {}
for c in map(chr, SCALARS):
    k = unicodedata.combining(c)
    if k and k not in CLASSES and nfd.normalize_str(c) == c and not is_starter(c):
        CLASSES[k] = c


def combining_class(c):
    """The canonical combining class as the reference sees it, found by sorting against known scalars."""
    if is_starter(c):
        return 0
    below = [k for k, r in CLASSES.items() if precedes(c, r)]
    above = [k for k, r in CLASSES.items() if precedes(r, c)]
    between = set(CLASSES) - set(below) - set(above)
    assert len(between) == 1, (hex(ord(c)), between)
    return between.pop()


def ranges(members):
    out = []
    for c in members:
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return " ".join(f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in out)


def mappings(table):
    """Runs `first[-last[/step]]:target` (constant difference), `…=target` (constant target) or `c:a+b`."""
    items, keys, i = [], sorted(table), 0
    while i < len(keys):
        c, target = keys[i], table[keys[i]]
        best = (1, f"{c:X}:" + "+".join(f"{t:X}" for t in target))
        if len(target) == 1:
            for step in (1, 2, 4):
                for sign, moves in ((":", 1), ("=", 0)):
                    n = 1
                    while table.get(c + n * step) == (target[0] + n * step * moves,) and (
                        # A run may not jump over a scalar that has a mapping of its own.
                        not any((c + (n - 1) * step + j) in table for j in range(1, step))
                    ):
                        n += 1
                    if n > best[0]:
                        last = c + (n - 1) * step
                        stride = "" if step == 1 else f"/{step:X}"
                        best = (n, f"{c:X}-{last:X}{stride}{sign}{target[0]:X}")
        items.append(best[1])
        i += best[0]
    return " ".join(items)


dropped, spaces, punctuation, ideographs = [], [], [], []
marks, starter_marks, kept_classes = [], [], {}
stripped, lowered = {}, {}

for c in SCALARS:
    s = chr(c)
    cleaned = clean.normalize_str("a" + s + "b")
    if cleaned == "ab":
        dropped.append(c)
        continue
    if cleaned == "a b":
        spaces.append(c)
        continue
    assert cleaned == "a" + s + "b"
    pieces = [p for p, _ in split.pre_tokenize_str("a" + s + "b")]
    if pieces == ["a", s, "b"]:
        punctuation.append(c)
    else:
        assert pieces == ["a" + s + "b"], (hex(c), pieces)
    isolated = isolate.normalize_str(s)
    if isolated != s:
        assert isolated == f" {s} "
        ideographs.append(c)
    small = lower.normalize_str(s)
    if small != s:
        lowered[c] = tuple(map(ord, small))
    bare = strip.normalize_str(s)
    if bare == "":
        order = combining_class(s)
        (marks if order else starter_marks).append(c)
        continue
    if c in HANGUL:
        assert bare == unicodedata.normalize("NFD", s)
        continue
    if bare != s:
        stripped[c] = tuple(map(ord, bare))
    elif combining_class(s):
        kept_classes.setdefault(combining_class(s), []).append(c)

# What the tokenizer takes for granted.
for c, target in list(stripped.items()) + list(lowered.items()):
    assert len(target) <= 3
    assert not any(t in dropped or t in spaces for t in target)
kept = {c for members in kept_classes.values() for c in members}
for c, target in stripped.items():
    full = nfd.normalize_str(chr(c))
    removed = [t for t in full if ord(t) not in target]
    # A removed mark of class 0 would end a run of reorderable marks, were there one.
    assert all(ord(t) in marks for t in removed) or not set(target) & kept, hex(c)
assert not kept & set(punctuation) and not kept & set(ideographs) and not kept & set(lowered)


def literal(name, comment, text):
    lines, line = [], ""
    for word in text.split(" "):
        if len(line) + 1 + len(word) > 104:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    body = "\n".join("    " + one for one in lines)
    head = "\n".join("  /// " + one for one in comment.split("\n"))
    return f'{head}\n  static let {name}: StaticString = """\n{body}\n    """\n'


sections = [
    literal("dropped", "Scalars that cleaning removes: controls, formats, private use, and U+FFFD.", ranges(dropped)),
    literal("spaces", "Scalars that cleaning turns into a space.", ranges(spaces)),
    literal("punctuation", "Scalars that make a word of their own: punctuation, and all ASCII symbols.", ranges(punctuation)),
    literal("ideographs", "Scalars of the ideograph blocks, each of which is a word of its own.", ranges(ideographs)),
    literal("marks", "Non-spacing marks with a combining class other than 0.", ranges(marks)),
    literal("starterMarks", "Non-spacing marks of combining class 0, which end a run of reorderable marks.", ranges(starter_marks)),
    literal(
        "keptMarks",
        "Marks that stay when accents are stripped but take part in canonical ordering: `class:ranges`, with\ncommas between ranges.",
        " ".join(f"{k:X}:" + ranges(v).replace(" ", ",") for k, v in sorted(kept_classes.items())),
    ),
    literal("stripped", "Canonical decomposition less its non-spacing marks, Hangul syllables left out.", mappings(stripped)),
    literal("lowercased", "Lower case, one scalar at a time (no rule for a final sigma).", mappings(lowered)),
]
OUTPUT.write_text(
    f"""// Written by scripts/generate-unicode-tables.py from tokenizers {tokenizers.__version__}. Do not edit.

/// What the reference tokenizer does to each Unicode scalar.
///
/// Sets are lists of hexadecimal `scalar` or `first-last`. Mappings are lists of `scalar:target`,
/// `first-last:target` (targets count up alongside), `first-last=target` (one target for all), either with
/// `/step` behind `last`, and `scalar:target+target` where a scalar becomes several.
enum UnicodeData {{
"""
    + "\n".join(sections)
    + "}\n"
)
print(OUTPUT, OUTPUT.stat().st_size, "bytes")
