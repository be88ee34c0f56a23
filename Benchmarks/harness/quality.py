"""How good the answers are: by SQL over the data sets, through `sibyl run`."""

import json
import math
import re
import sqlite3
import struct
from pathlib import Path

from harness.contest import say
from harness.processes import Unavailable, run, run_json
from harness.report import Group, Row
from harness.texts import shared_data, write_json

AGNEWS_LABELS = ["World", "Sports", "Business", "Science and technology"]
# What the data must contain and what is asked of the answer; the CSV file becomes the table of its name.
ACCURACIES = [
    ("SST-2 dev: sentiment, positive against negative", "sst2/dev.csv", 0.86,
     "SELECT avg((ai_sentiment_score(text) > 0) = (label = 'positive')) FROM dev"),
    ("tweets dev: sentiment, macro recall of three classes", "tweets_sentiment/dev.csv", 0.65,
     "SELECT avg(recall) FROM (SELECT avg(ai_sentiment(text) = label) AS recall FROM dev GROUP BY label)"),
    ("tweets dev: ai_emotion, accuracy over four emotions", "tweets_emotion/dev.csv", None,
     "SELECT avg(ai_emotion(text) = label) FROM dev"),
    ("tweets dev: ai_emotion, macro recall", "tweets_emotion/dev.csv", None,
     "SELECT avg(recall) FROM (SELECT avg(ai_emotion(text) = label) AS recall FROM dev GROUP BY label)"),
    ("AG News dev: ai_classify, zero-shot, 4 labels", "agnews/dev.csv", 0.74,
     f"SELECT avg(ai_classify(text, '{json.dumps(AGNEWS_LABELS)}') = label) FROM dev"),
    ("banking77 train: ai_classify, zero-shot, 77 labels", "banking77/train.csv", None,
     "SELECT avg(ai_classify(text, (SELECT json_group_array(name) FROM "
     "(SELECT DISTINCT replace(label, '_', ' ') AS name FROM train ORDER BY 1))) = replace(label, '_', ' ')) "
     "FROM train"),
]


class Quality:
    def __init__(self, root: Path, scratch: Path):
        self.command, self.scratch = root / "build" / "sibyl", scratch
        self.cache = str(scratch / "quality-cache.sqlite3")

    def group(self, texts: list[str]) -> Group:
        group = Group("Quality")
        say("quality")
        for measure in (self.golden, self.accuracies, self.calibration, lambda: self.same_bits(texts)):
            try:
                group.rows += measure()
            except Unavailable as failure:
                group.rows.append(Row("not measured", None, note=f"not available: {failure}"))
        return group

    def golden(self) -> list[Row]:
        """Token ids and embeddings against the reference's."""
        path = shared_data() / "golden" / "minilm_l6_v2.json"
        if not path.is_file():
            return [Row("golden token ids and embeddings", None, note="not available: no golden file here")]
        golden = json.loads(path.read_text(encoding="utf-8"))
        source = write_json(self.scratch / "golden.json", [row["text"] for row in golden])
        ids = run_json([self.command, "benchmark", "tokens", "--texts", source])
        # The reference cuts at 256; we go on, in windows.
        equal = sum(
            row["tokens"] == [101, *found[:254], 102] if len(row["tokens"]) == 256
            else row["tokens"] == [101, *found, 102]
            for row, found in zip(golden, ids))
        rows = [Row(
            "token ids equal to the reference's", equal / len(golden) * 100, "%", 100,
            note=f"{equal} of {len(golden)} texts")]
        database = self.scratch / "golden.db"
        connection = sqlite3.connect(database)
        with connection:
            connection.execute("CREATE TABLE golden(id INTEGER PRIMARY KEY, text TEXT)")
            connection.executemany("INSERT INTO golden VALUES (?, ?)", (
                (index, row["text"]) for index, row in enumerate(golden)
                # Empty text is no text to SQL (NULL), an embedded NUL an error, a long one goes in windows.
                if row["text"].strip() and "\0" not in row["text"] and len(row["tokens"]) < 256))
        connection.close()
        for precision, mean_target, worst_target in (
            ("f32", None, 0.9999), ("bf16", None, None), ("int8", 0.99, 0.98)):
            name = f"cosine to the reference in {precision}"
            try:
                cosines = self.cosines(golden, database, precision)
            except Unavailable as failure:
                rows.append(Row(name, None, note=f"not available: {failure}"))
                continue
            rows.append(Row(f"{name}: mean", sum(cosines) / len(cosines), "", mean_target, note=f"{len(cosines)} texts"))
            rows.append(Row(f"{name}: worst", min(cosines), "", worst_target))
        return rows

    def cosines(self, golden: list[dict], database: Path, precision: str) -> list[float]:
        done = run(
            [self.command, "run", "--quiet", "--output", "json", database,
             "SELECT id, hex(ai_embed(text)) AS embedding FROM golden"],
            SIBYL_PRECISION=precision, SIBYL_CACHE=self.cache)
        found = []
        for row in json.loads(done.output):
            if not row["embedding"]:
                continue
            vector = struct.unpack("<384f", bytes.fromhex(row["embedding"]))
            expected = golden[row["id"]]["embedding"]
            lengths = math.sqrt(sum(x * x for x in vector)) * math.sqrt(sum(x * x for x in expected))
            found.append(sum(x * y for x, y in zip(vector, expected)) / lengths)
        if not found:
            raise Unavailable("ai_embed answered no row")
        return found

    def accuracies(self) -> list[Row]:
        rows = []
        for what, file, target, sql in ACCURACIES:
            path = shared_data() / file
            if not path.is_file():
                rows.append(Row(what, None, target=target, note="not available: the data set is not here"))
                continue
            try:
                output = run(
                    [self.command, "run", "--quiet", "--output", "csv", "--csv", path, sql],
                    SIBYL_CACHE=self.cache).output
                value = float(output.strip().splitlines()[-1])
            except (Unavailable, ValueError, IndexError) as failure:
                rows.append(Row(what, None, target=target, note=f"not available: {failure}"))
                continue
            say(f"  {what}: {value:.4f}")
            rows.append(Row(what, value * 100, "%", target * 100 if target else None))
        return rows

    def calibration(self) -> list[Row]:
        """How far the share of positive in positive and negative is from what comes true."""
        path = shared_data() / "sst2" / "dev.csv"
        if not path.is_file():
            return [Row("SST-2 dev: calibration error", None, note="not available: the data set is not here")]
        found = run_json([self.command, "benchmark", "sentiment", "--csv", path])
        return [Row(
            "SST-2 dev: expected calibration error of sentiment", found["calibration_error"], "", 0.05, "<=",
            note=f"{found['rows']} rows, 15 bins of equal width, positive's share in positive and negative")]

    def same_bits(self, texts: list[str]) -> list[Row]:
        """Whether vectors are the same bits for other batch sizes and numbers of threads."""
        source = write_json(self.scratch / "bits.json", texts)
        digests = {}
        for threads in (1, 2):
            for size in (1, 7, 256):
                found = run_json(
                    [self.command, "benchmark", "engine", "--texts", source, "--texts-per-call", size],
                    SIBYL_THREADS=threads)
                digests[threads, size] = found["digest"]
        same = len(set(digests.values())) == 1
        return [Row(
            "the same bits for batches of 1, 7, 256 and for 1, 2 threads", 100 if same else 0, "%", 100,
            note=f"{len(texts):,} texts; " + ("one digest" if same else f"{len(set(digests.values()))} digests"))]
