"""A cascade on AG News: how many rows go to the large model, and whether the agreement that is told holds."""

import csv
import json
import sqlite3
from pathlib import Path

from harness.contest import say
from harness.processes import Unavailable, run_json
from harness.report import Group, Row
from harness.texts import shared_data

LABELS = '["World","Sports","Business","Science and technology"]'
TARGET = 0.95


class Cascade:
    def __init__(self, root: Path, scratch: Path):
        self.command = root / "build" / "sibyl"
        self.database = scratch / "cascade.db"
        self.cache = str(scratch / "cascade-cache.sqlite3")

    def group(self) -> Group:
        group = Group("A cascade on AG News dev, from minilm to smollm2")
        say("cascade")
        path = shared_data() / "agnews" / "dev.csv"
        if not path.is_file():
            raise Unavailable("no AG News data here")
        with path.open(encoding="utf-8", newline="") as file:
            texts = [(row["text"],) for row in csv.DictReader(file)]
        connection = sqlite3.connect(self.database)
        with connection:
            connection.execute("CREATE TABLE rows(id INTEGER PRIMARY KEY, text TEXT)")
            connection.executemany("INSERT INTO rows(text) VALUES (?)", texts)
        connection.close()

        options = json.dumps({"cascade": {"to": "smollm2", "target": TARGET}})
        cascade = f"ai_classify(text, '{LABELS}', '{options}')"
        quoted = f"SELECT {cascade} FROM rows".replace("'", "''")
        report = json.loads(self.ask(f"SELECT ai_prefetch('{quoted}') AS value"))["cascades"][0]
        large = f"ai_classify(text, '{LABELS}', '{{\"model\":\"smollm2\"}}')"
        agreement = self.ask(f"SELECT avg({cascade} = {large}) AS value FROM rows")
        low, high = report["agreement_interval"]
        say(f"  {report['sent']} of {len(texts)} rows sent on, {agreement * 100:.1f}% agreement")
        group.rows += [
            Row("rows that went to the large model, the sample included", 100 * report["sent"] / len(texts), "%", 50,
                "<=", f"{report['sample']} of them to learn from"),
            Row("agreement with the large model on all rows", 100 * agreement, "%",
                note=f"{TARGET * 100:.0f}% asked of the cascade, {report['agreement'] * 100:.1f}% told"),
            Row("inside the interval that was told", "yes" if low <= agreement <= high else "**no**",
                note=f"{low * 100:.1f}% to {high * 100:.1f}%"),
        ]
        return group

    def ask(self, query: str):
        return run_json(
            [self.command, "run", "-q", "-o", "json", self.database, query], SIBYL_CACHE=self.cache)[0]["value"]
