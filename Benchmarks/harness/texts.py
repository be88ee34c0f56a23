"""The texts that are measured: data sets where they are, or else a deterministic stand-in."""

import csv
import json
import os
import random
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Words a text, at the deciles of SST-2 and of AG News, for the stand-in.
DECILES = {
    "sst2": [2, 7, 11, 14, 16, 19, 21, 24, 27, 32, 50],
    "agnews": [10, 26, 30, 33, 35, 37, 39, 41, 44, 49, 120],
}
STAND_IN_WORDS = """the a this that movie film story price order service phone room team game market report city
people company season night water government doctor teacher parcel battery screen kitchen window weather train
is was seems feels looks remains became arrived broke stopped opened closed improved failed won lost moved sold
good bad slow quick quiet loud warm cold cheap expensive honest clumsy funny dull clever empty heavy brilliant
and but or because while after before without with under over near never always often rarely almost quite very
of in on at from into for by as when where nobody everyone someone they we it he she not no yes three hundred""".split()


@dataclass
class TextSet:
    name: str
    title: str
    texts: list[str]


def shared_data() -> Path:
    return Path(os.environ.get("SIBYL_SHARED_DATA") or ROOT.parent / "shared" / "data")


def column(path: Path, name: str = "text") -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [" ".join(row[name].split()) for row in csv.DictReader(file)]


def stand_in(name: str, count: int) -> list[str]:
    """Sentences of common words with the data set's lengths."""
    chance, deciles = random.Random(name), DECILES[name]
    texts = []
    for _ in range(count):
        part = chance.randrange(10)
        length = chance.randint(deciles[part], deciles[part + 1])
        texts.append(" ".join(chance.choice(STAND_IN_WORDS) for _ in range(length)))
    return texts


def reference_sets() -> tuple[list[TextSet], bool]:
    """1,000 film-review sentences and 1,000 news items; whether they are the real ones."""
    data = shared_data()
    sources = {
        "sst2": ("SST-2 sentences", [data / "sst2" / "dev.csv", data / "sst2" / "train.csv"]),
        "agnews": ("AG News items", [data / "agnews" / "dev.csv"]),
    }
    sets, are_real = [], True
    for name, (title, paths) in sources.items():
        if all(path.is_file() for path in paths):
            texts = [text for path in paths for text in column(path)][:1000]
        else:
            are_real = False
            title += " (stand-in)"
            texts = stand_in(name, 1000)
        sets.append(TextSet(name, title, texts))
    return sets, are_real


def distinct_texts(count: int) -> list[str]:
    """Distinct sentences of SST-2's lengths: each a sentence whose last words come from another."""
    data = shared_data() / "sst2"
    if (data / "train.csv").is_file():
        base = column(data / "train.csv") + column(data / "dev.csv")
    else:
        base = stand_in("sst2", 8000)
    words = [text.split() for text in base]
    chance, texts, seen = random.Random("distinct"), [], set()
    while len(texts) < count:
        head, tail = words[len(texts) % len(words)], chance.choice(words)
        text = " ".join(head[:-3] + tail[-3:]) if len(head) > 3 else " ".join(head + tail[-3:])
        if text not in seen:
            seen.add(text)
            texts.append(text)
    return texts


def write_json(path: Path, texts: list[str]) -> Path:
    path.write_text(json.dumps(texts), encoding="utf-8")
    return path
