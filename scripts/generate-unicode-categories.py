#!/usr/bin/env python3
"""Writes Sources/Tokenization/UnicodeCategories.swift from llama.cpp's table of Unicode categories.

    python3 scripts/generate-unicode-categories.py path/to/llama.cpp/src/unicode-data.cpp

Pre-tokenisers ask for letters and numbers, and which scalars those are depends on the version of Unicode. The
table is the reference's own, so that no scalar is split otherwise than there.
"""

import pathlib
import re
import sys

OUTPUT = pathlib.Path(__file__).parent.parent / "Sources" / "Tokenization" / "UnicodeCategories.swift"
NUMBER, LETTER = 0x2, 0x4

source = pathlib.Path(sys.argv[1]).read_text()
start = source.index("unicode_ranges_flags")
table = source[start : source.index("};", start)]
ranges = [(int(a, 16), int(b, 16)) for a, b in re.findall(r"\{(0x[0-9A-Fa-f]+), *(0x[0-9A-Fa-f]+)\}", table)]


def scalars(flag):
    out = []
    for (first, flags), (end, _) in zip(ranges, ranges[1:]):
        if flags & flag:
            if out and out[-1][1] == first - 1:
                out[-1][1] = end - 1
            else:
                out.append([first, end - 1])
    return " ".join(f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in out)


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
    return f'  /// {comment}\n  static let {name}: StaticString = """\n{body}\n    """\n'


sections = [
    literal("letters", "Scalars of the categories Lu, Ll, Lt, Lm and Lo.", scalars(LETTER)),
    literal("numbers", "Scalars of the categories Nd, Nl and No.", scalars(NUMBER)),
]
OUTPUT.write_text(
    """// Written by scripts/generate-unicode-categories.py from llama.cpp's unicode-data.cpp. Do not edit.

/// Which Unicode scalars are letters and numbers: lists of hexadecimal `scalar` or `first-last`.
enum UnicodeCategories {
"""
    + "\n".join(sections)
    + "}\n"
)
print(OUTPUT, OUTPUT.stat().st_size, "bytes")
