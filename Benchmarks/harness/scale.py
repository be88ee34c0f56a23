"""A million rows: what the job of an analyst with a big table costs as the table grows, and how much memory it takes."""

import random
import sqlite3
import statistics
import time
from pathlib import Path

from harness.contest import say
from harness.processes import cores_awake, run_json
from harness.report import Group, Row
from harness.sql import SQLJobs
from harness.texts import write_json

ROWS_A_TEXT = 10
MOST_RUNS = 200
# Of the largest table: one run of minutes tells nothing of how far chance takes it.
FEWEST_RUNS = 3


def in_turns(times: dict[int, int]) -> list[int]:
    """Each key so many times, spread evenly; what comes once comes in the middle."""
    places = [((turn + 0.5) / count, key) for key, count in times.items() for turn in range(count)]
    return [key for _, key in sorted(places)]


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

    def run(self, database: Path):
        """The whole process on an empty cache."""
        cache = self.jobs.fresh_cache()
        try:
            return self.jobs.bulk_run(database, cache)
        finally:
            self.jobs.drop_cache(cache)

    def group(self, texts: list[str], sizes: list[int]) -> Group:
        """What a table's rows cost, the time of a run on one row taken off. Tables of all sizes are computed for more
        than a minute, in turns, so that they meet the same of a neighbour's noise; hence means, not medians. The cores
        are kept awake, since one that wakes is slower for some ten milliseconds, much of a small table's time and none
        of a large one's."""
        group = Group(f"Growing tables, up to {sizes[-1]:,} rows with {100 // ROWS_A_TEXT}% distinct texts")
        say(group.title)
        # Spread over the whole list, so that tables differ in size and in little else.
        chosen = {rows: texts[:: max(1, len(texts) * ROWS_A_TEXT // rows)][: rows // ROWS_A_TEXT] for rows in sizes}
        tokens = {rows: self.tokens(chosen[rows]) for rows in sizes}
        databases = {1: self.database(1, texts)} | {rows: self.database(rows, chosen[rows]) for rows in sizes}
        times = {rows: max(FEWEST_RUNS, min(sizes[-1] // rows, MOST_RUNS)) for rows in databases}
        runs: dict[int, list] = {rows: [] for rows in databases}
        with cores_awake():
            for rows in in_turns(times):
                runs[rows].append(self.run(databases[rows]))
        seconds = {rows: statistics.mean(one.seconds for one in runs[rows]) for rows in runs}
        asleep: dict[int, list[float]] = {1: [], sizes[0]: []}
        for rows in list(asleep) * 15:
            time.sleep(0.2)
            asleep[rows].append(self.run(databases[rows]).seconds)

        group.rows.append(Row("a table of one row: what every run costs", seconds[1], "s", note=f"mean of {times[1]}"))
        costs, peaks = {}, {}
        for rows in sizes:
            costs[rows] = (seconds[rows] - seconds[1]) / tokens[rows] * 1e6
            peaks[rows] = max(one.peak_megabytes for one in runs[rows])
            group.rows.append(Row(
                f"{rows:,} rows: cost of a token, less that of one row's run", costs[rows], "µs",
                note=f"{seconds[rows]:.2f} s, {rows / seconds[rows]:,.0f} rows/s, {tokens[rows]:,} tokens in "
                f"{len(chosen[rows]):,} texts, peak {peaks[rows]:,.0f} MB, mean of {times[rows]} from "
                f"{min(one.seconds for one in runs[rows]):.2f} to {max(one.seconds for one in runs[rows]):.2f} s"))
            say(f"  {rows:,} rows: {seconds[rows]:.2f} s, {costs[rows]:.2f} µs a token, {peaks[rows]:.0f} MB")
        group.rows.append(Row(
            f"cost from {sizes[0]:,} to {sizes[-1]:,} rows: the dearest against the cheapest",
            max(costs.values()) / min(costs.values()), "times", 1.10, "<=", "linear within 10%, on cores that are awake"))
        least, most = (statistics.median(asleep[rows]) for rows in asleep)
        group.rows.append(Row(
            f"{sizes[0]:,} rows on cores that slept before: cost of a token", (most - least) / tokens[sizes[0]] * 1e6,
            "µs", note=f"{most:.2f} s, one row {least:.2f} s, medians of 15"))
        group.rows.append(Row(
            f"peak memory at {sizes[-1]:,} rows against {sizes[-2]:,}", peaks[sizes[-1]] - peaks[sizes[-2]], "MB", 64,
            "<=", "the cache's share of memory is 64 MB; nothing else may grow"))
        return group
