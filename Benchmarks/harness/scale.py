"""A million rows: what the job of an analyst with a big table costs as the table grows, and how much memory it takes."""

import random
import sqlite3
import statistics
from pathlib import Path

from harness.contest import say
from harness.processes import run_json
from harness.report import Group, Row
from harness.sql import SQLJobs
from harness.texts import write_json

ROWS_A_TEXT = 10


class Scale:
    def __init__(self, jobs: SQLJobs, scratch: Path):
        self.jobs, self.scratch = jobs, scratch

    def database(self, rows: int, texts: list[str]) -> Path:
        """A table in which each text stands ten times, in a mixed order."""
        path = self.scratch / f"scale-{rows}.db"
        bodies = texts * ROWS_A_TEXT if rows > 1 else texts[:1]
        random.Random(rows).shuffle(bodies)
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("CREATE TABLE reviews(id INTEGER PRIMARY KEY, body TEXT)")
            connection.executemany("INSERT INTO reviews(body) VALUES (?)", ((body,) for body in bodies))
        connection.close()
        return path

    def tokens(self, texts: list[str]) -> int:
        ids = run_json([
            self.jobs.command, "benchmark", "tokens", "--texts", write_json(self.scratch / "scale.json", texts)])
        return sum(len(row) + 2 for row in ids)

    def seconds(self, database: Path, times: int) -> tuple[float, float]:
        """The median time of the whole process on an empty cache, and its peak memory in MB."""
        runs = []
        for _ in range(times):
            cache = self.jobs.fresh_cache()
            try:
                runs.append(self.jobs.bulk_run(database, cache))
            finally:
                self.jobs.drop_cache(cache)
        return statistics.median(one.seconds for one in runs), max(one.peak_megabytes for one in runs)

    def group(self, texts: list[str], sizes: list[int]) -> Group:
        group = Group(f"Growing tables, up to {sizes[-1]:,} rows with {100 // ROWS_A_TEXT}% distinct texts")
        say(group.title)
        start, _ = self.seconds(self.database(1, texts), 25)
        group.rows.append(Row("a table of one row: what every run costs", start, "s", note="median of 25"))
        costs, peaks = {}, {}
        for rows in sizes:
            # Spread over the whole list, so that tables differ in size and in little else.
            chosen = texts[:: max(1, len(texts) * ROWS_A_TEXT // rows)][: rows // ROWS_A_TEXT]
            tokens = self.tokens(chosen)
            seconds, peaks[rows] = self.seconds(
                self.database(rows, chosen), {1_000: 25, 10_000: 9, 100_000: 3}.get(rows, 1))
            costs[rows] = (seconds - start) / tokens * 1e6
            group.rows.append(Row(
                f"{rows:,} rows: cost of a token, less that of one row's run", costs[rows], "µs",
                note=f"{seconds:.2f} s, {rows / seconds:,.0f} rows/s, {tokens:,} tokens in {len(chosen):,} texts, "
                f"peak {peaks[rows]:,.0f} MB"))
            say(f"  {rows:,} rows: {seconds:.2f} s, {costs[rows]:.2f} µs a token, {peaks[rows]:.0f} MB")
        group.rows.append(Row(
            f"cost from {sizes[0]:,} to {sizes[-1]:,} rows: the dearest against the cheapest",
            max(costs.values()) / min(costs.values()), "times", 1.10, "<=", "linear within 10%"))
        group.rows.append(Row(
            f"peak memory at {sizes[-1]:,} rows against {sizes[-2]:,}", peaks[sizes[-1]] - peaks[sizes[-2]], "MB", 64,
            "<=", "the cache's share of memory is 64 MB; nothing else may grow"))
        return group
