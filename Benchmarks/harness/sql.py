"""What a user sees: the extension in the stock sqlite3 shell, and `sibyl run`. Every job has a cache of its own
in a folder of its own, unless it is there to show the cache."""

import json
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

from harness.contest import Contestant, say
from harness.processes import Unavailable, environment, run, run_json
from harness.report import Group, Row, show
from harness.texts import write_json

JOB = "CREATE TABLE mood AS SELECT id, ai_sentiment(body) AS mood FROM reviews"
QUERY = "SELECT count(ai_sentiment(body)) FROM reviews"


class SQLJobs:
    def __init__(self, root: Path, scratch: Path, rounds: int):
        self.command = root / "build" / "sibyl"
        self.extension = next(
            (path for path in (root / "build").glob("sibyl.*") if path.suffix in (".so", ".dylib")),
            root / "build" / "sibyl.so")
        self.scratch, self.rounds = scratch, rounds
        self.caches = 0

    # MARK: Means

    def database(self, name: str, texts: list[str]) -> Path:
        path = self.scratch / f"{name}.db"
        if not path.exists():
            connection = sqlite3.connect(path)
            with connection:
                connection.execute("CREATE TABLE reviews(id INTEGER PRIMARY KEY, body TEXT)")
                connection.executemany("INSERT INTO reviews(body) VALUES (?)", ((text,) for text in texts))
            connection.close()
        return path

    def fresh_cache(self) -> str:
        self.caches += 1
        folder = self.scratch / f"cache-{self.caches}"
        folder.mkdir()
        return str(folder / "cache.sqlite3")

    def drop_cache(self, cache: str) -> None:
        shutil.rmtree(Path(cache).parent, ignore_errors=True)

    def shell(self, database: Path, statements: list[str], cache: str, limit: float = 600) -> list[tuple[str, float]]:
        """The answer and the seconds (to a millisecond) of each statement, after one that loads the model."""
        script = [f".load {self.extension.with_suffix('')}", "SELECT ai_sentiment('warm up');", ".timer on"]
        output = run(
            ["sqlite3", "-batch", "-bail", database], limit,
            standard_input="\n".join(script + [statement + ";" for statement in statements]) + "\n",
            SIBYL_CACHE=cache).output
        answers, lines = [], []
        for line in output.splitlines():
            timed = re.match(r"Run Time: real ([0-9.]+)", line)
            if timed:
                answers.append(("\n".join(lines), float(timed[1])))
                lines = []
            else:
                lines.append(line)
        if len(answers) != len(statements):
            raise Unavailable(f"the sqlite3 shell timed {len(answers)} of {len(statements)} statements")
        # The first statement's answer is preceded by the warm-up's.
        return answers

    def bulk_run(self, database: Path, cache: str):
        """`sibyl run` of the bulk job, on a copy of the database."""
        copy = self.scratch / "bulk-copy.db"
        shutil.copyfile(database, copy)
        done = run([self.command, "run", "--quiet", copy, JOB], SIBYL_CACHE=cache)
        connection = sqlite3.connect(copy)
        moods, rows = connection.execute(
            "SELECT (SELECT count(mood) FROM mood), (SELECT count(*) FROM reviews)").fetchone()
        connection.close()
        copy.unlink()
        if moods != rows:
            raise Unavailable(f"the job answered {moods} of {rows} rows")
        return done

    # MARK: Groups

    def bulk(self, texts: list[str]) -> tuple[Group, float]:
        """Distinct texts through SQL, against the engine's own rate on them."""
        group = Group(f"Bulk through SQL: {len(texts):,} distinct texts")
        say(group.title)
        database = self.database("bulk", texts)
        source = write_json(self.scratch / "bulk.json", texts)
        rows = len(texts)
        tokens = 0

        def engine() -> float:
            nonlocal tokens
            found = run_json([self.command, "benchmark", "engine", "--texts", source])
            tokens = found["tokens"]
            return rows / found["seconds"][0]

        def command_line() -> float:
            cache = self.fresh_cache()
            try:
                return rows / self.bulk_run(database, cache).seconds
            finally:
                self.drop_cache(cache)

        def prefetch() -> float:
            cache = self.fresh_cache()
            try:
                told, counted = self.shell(
                    database, ["SELECT ai_prefetch('SELECT ai_sentiment(body) FROM reviews')", QUERY], cache)
                computed = json.loads(told[0].splitlines()[-1])["computed"]
                if computed != rows or counted[0] != str(rows):
                    raise Unavailable(f"ai_prefetch computed {computed}, the query counted {counted[0]}, of {rows}")
                return rows / (told[1] + counted[1])
            finally:
                self.drop_cache(cache)

        ours = Contestant("engine", engine)
        jobs = [Contestant("sibyl run", command_line), Contestant("ai_prefetch + SELECT", prefetch)]
        for index in range(self.rounds):
            for job in jobs:
                ours.turn()
                job.turn()
            say(f"  round {index + 1}: " + ", ".join(
                f"{one.name} {one.values[-1]:,.0f} rows/s" for one in [ours, *jobs] if one.values))
        if ours.median is None:
            raise Unavailable(ours.reason or "the engine was not measured")
        per_row = tokens / rows
        group.rows.append(Row(
            "engine alone", ours.median, "rows/s", note=f"{show(ours.median * per_row)} tokens/s"))
        for job, how in zip(jobs, ["the whole process, start to end", "both statements in the sqlite3 shell"]):
            if job.median is None:
                group.rows.append(Row(job.name, None, target=0.85, note=f"not available: {job.reason}"))
                continue
            group.rows.append(Row(
                job.name, job.median, "rows/s", note=f"{how}; {show(job.median * per_row)} tokens/s"))
            group.rows.append(Row(
                f"{job.name}, of the engine's rate", job.median / ours.median, "times", 0.85, note="medians"))
        return group, jobs[0].median

    def large(self, texts: list[str]) -> Group:
        """The job of an analyst with a big table: time, memory, and the second run from the cache."""
        rows = len(texts)
        group = Group(f"A large table: {rows:,} distinct texts")
        say(group.title)
        database = self.database("large", texts)
        cache = self.fresh_cache()
        first = self.bulk_run(database, cache)
        group.rows.append(Row(
            "sibyl run, first run", rows / first.seconds, "rows/s", note=f"{first.seconds:.1f} s, empty cache"))
        group.rows.append(Row("its peak memory (VmHWM)", first.peak_megabytes, "MB", 300, "<=", "10^6 bytes"))
        again = [self.bulk_run(database, cache) for _ in range(self.rounds)]
        seconds = statistics.median(one.seconds for one in again)
        group.rows.append(Row(
            "sibyl run, second run: all cached, a new process", rows / seconds, "rows/s", 300_000,
            note=f"the whole process, {seconds:.2f} s, the table is written again"))
        group.rows.append(Row(
            "its peak memory (VmHWM)", max(one.peak_megabytes for one in again), "MB", 300, "<="))
        new, warm = [], []
        for _ in range(self.rounds):
            answers = self.shell(database, [QUERY, QUERY], cache)
            new.append(answers[0][1])
            warm.append(answers[1][1])
        group.rows.append(Row(
            "sqlite3 shell: SELECT, cached by another process", rows / statistics.median(new), "rows/s", 300_000,
            note="row by row, answers from the cache file"))
        group.rows.append(Row(
            "sqlite3 shell: the same SELECT again", rows / max(statistics.median(warm), 1e-3), "rows/s", 300_000,
            note="row by row, answers from memory"))
        self.drop_cache(cache)
        return group

    def single(self, texts: list[str], short: list[str], starts: int) -> Group:
        """One row at a time, and the first answer of a new process."""
        group = Group("One call at a time")
        say(group.title)
        database = self.database("single", texts)
        rates = []
        for _ in range(self.rounds):
            cache = self.fresh_cache()
            answer = self.shell(database, [QUERY], cache)[0]
            rates.append(len(texts) / answer[1])
            self.drop_cache(cache)
        say(f"  row by row {statistics.median(rates):,.0f} rows/s")
        group.rows.append(Row(
            "SELECT ai_sentiment(body), no prefetch", statistics.median(rates), "rows/s", 1_000,
            note=f"{len(texts):,} distinct texts of SST-2's lengths in the sqlite3 shell"))
        group.rows.append(self.call_latency(short))
        first, whole = [], []
        for _ in range(starts):
            cache = self.fresh_cache()
            seconds = self.cold_start(cache)
            first.append(seconds[0])
            whole.append(seconds[1])
            self.drop_cache(cache)
        group.rows.append(Row(
            "cold start: process start to first answer, sqlite3 shell", statistics.median(first), "s", 0.4, "<=",
            f"median of {starts}, empty cache; to the end of the process {statistics.median(whole):.3f} s"))
        return group

    def call_latency(self, texts: list[str]) -> Row:
        what = "one call of 25 tokens through SQL, p50"
        python = interpreter_that_loads_extensions()
        if python is None:
            return Row(what, None, "ms", 0.8, "<=", "not available: no Python here can load SQLite extensions")
        source = write_json(self.scratch / "short.json", texts)
        script = Path(__file__).with_name("call_latency.py")
        medians, tails = [], []
        for _ in range(self.rounds):
            cache = self.fresh_cache()
            found = run_json([python, script, self.extension.with_suffix(""), source], SIBYL_CACHE=cache)
            medians.append(found["p50_ms"])
            tails.append(found["p95_ms"])
            self.drop_cache(cache)
        return Row(
            what, statistics.median(medians), "ms", 0.8, "<=",
            f"p95 {statistics.median(tails):.2f} ms; {len(texts)} distinct texts, each once, from Python's sqlite3")

    def cold_start(self, cache: str) -> tuple[float, float]:
        start = time.perf_counter()
        child = subprocess.Popen(
            ["sqlite3", ":memory:", f".load {self.extension.with_suffix('')}",
             "SELECT ai_sentiment('I waited three weeks and it arrived broken')"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(SIBYL_CACHE=cache))
        line = child.stdout.readline()
        first = time.perf_counter() - start
        complaint = child.communicate(timeout=60)[1]
        whole = time.perf_counter() - start
        if child.returncode != 0 or not line.strip():
            raise Unavailable((complaint.strip().splitlines() or ["the sqlite3 shell failed"])[-1])
        return first, whole


def interpreter_that_loads_extensions() -> str | None:
    """Some builds of Python leave SQLite's extensions out."""
    test = "import sqlite3; sqlite3.connect(':memory:').enable_load_extension(True)"
    for python in (sys.executable, "/usr/bin/python3", shutil.which("python3")):
        try:
            if python and subprocess.run([python, "-c", test], capture_output=True, timeout=30).returncode == 0:
                return python
        except (OSError, subprocess.TimeoutExpired):
            continue
    return None
