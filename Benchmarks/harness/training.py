"""Classifiers that are trained in SQL: how good they are on rows that were held out, and how long training takes."""

import csv
import json
import re
import sqlite3
from pathlib import Path

from harness.contest import say
from harness.processes import Unavailable, run, run_json
from harness.report import Group, Row
from harness.texts import shared_data

# Every fifth row is held out; the file is sorted by label, so each label gives its share.
LEARNT = "SELECT text, label FROM rows WHERE id % 5"
# Ten rows a label, whichever a shuffle by a prime brings to the front.
TEN_A_LABEL = (
    "SELECT text, label FROM (SELECT text, label, row_number() OVER (PARTITION BY label ORDER BY id * 7919 % 10007) "
    "AS place FROM rows WHERE id % 5) WHERE place <= 10")


def row_count(path: Path) -> int:
    """Rows of a CSV file; 0 where there is none."""
    if not path.is_file():
        return 0
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


class Training:
    def __init__(self, root: Path, scratch: Path):
        self.command, self.scratch = root / "build" / "sibyl", scratch
        self.database = scratch / "training.db"
        self.cache = str(scratch / "training-cache.sqlite3")

    def group(self) -> Group:
        group = Group("Training a classifier: banking77, 77 intents, a fifth of the rows held out")
        say("training")
        path = shared_data() / "banking77" / "train.csv"
        if not path.is_file():
            raise Unavailable("no banking77 data here")
        with path.open(encoding="utf-8", newline="") as file:
            rows = [(row["text"], row["label"]) for row in csv.DictReader(file)]
        connection = sqlite3.connect(self.database)
        with connection:
            connection.execute("CREATE TABLE rows(id INTEGER PRIMARY KEY, text TEXT, label TEXT)")
            connection.executemany("INSERT INTO rows(text, label) VALUES (?, ?)", rows)
        connection.close()
        for name, query, what, accuracy, seconds in (
                ("all", LEARNT, "all other rows", 92, 15), ("ten", TEN_A_LABEL, "10 rows a label", 83, None)):
            report = self.train(name, query)
            found = self.accuracy(name)
            say(f"  {what}: {found:.1f}%, fitted in {report['fitting_seconds']:.1f} s")
            group.rows += [
                Row(f"{what}: accuracy on the held-out rows", found, "%", accuracy,
                    note=f"{report['rows']:,} rows; cross-validated {report['accuracy'] * 100:.1f}%, "
                         f"macro F1 {report['macro_f1'] * 100:.1f}%"),
                Row(f"{what}: fitting, penalty and cross-validation included", report["fitting_seconds"], "s",
                    seconds, "<=", f"after embedding, which took {report['embedding_seconds']:.1f} s"),
            ]
        group.rows += self.lora()
        again = self.train("again", LEARNT)["digest"] == self.train("all", LEARNT)["digest"]
        group.rows.append(Row("trained again: the same bits", "yes" if again else "**no**"))
        return group

    def lora(self) -> list[Row]:
        """One pass of fine-tuning over the rows of SST-2 train."""
        what = "LoRA: an epoch on SST-2 train, forward and backward"
        rows = row_count(shared_data() / "sst2" / "train.csv")
        if not rows:
            return [Row(what, None, target=90, relation="<=", note="not available: the data set is not here")]
        # As few rows as possible are held out, to look at once in the middle and once at the end.
        output = run([
            self.command, "train", "sentiment", "--method", "lora", "--data", shared_data(), "--sources", "sst2",
            "--epochs", 1, "--hold-out", 0.01, "--output", self.scratch / "sst2.safetensors",
        ], SIBYL_CACHE=self.cache).output
        trained = re.search(r"on ([0-9,]+) rows of ([0-9,]+) tokens", output)
        pace = re.search(r"at ([0-9,]+) tokens/s", output)
        if not trained or not pace:
            raise Unavailable("the training did not say how fast it was")
        learnt, tokens, speed = (int(text.replace(",", "")) for text in (*trained.groups(), pace[1]))
        seconds = tokens / speed * rows / learnt
        say(f"  {what}: {seconds:.0f} s at {speed:,} tokens/s")
        return [Row(
            what, seconds, "s", 90, "<=",
            note=f"{rows:,} rows; {speed:,} tokens/s in float32, rank 8; looks at held-out rows not included")]

    def train(self, name: str, query: str) -> dict:
        return json.loads(run_json([
            self.command, "run", "-q", "-o", "json", self.database,
            f"SELECT ai_train('{name}', '{query}') AS report"], SIBYL_CACHE=self.cache)[0]["report"])

    def accuracy(self, name: str) -> float:
        """Percent."""
        return run_json([
            self.command, "run", "-q", "-o", "json", self.database,
            f"SELECT 100 * avg(ai_predict('{name}', text) = label) AS share FROM rows WHERE id % 5 = 0",
        ], SIBYL_CACHE=self.cache)[0]["share"]
