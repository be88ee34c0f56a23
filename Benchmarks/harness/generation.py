"""The decoder against llama.cpp and against the SQLite extension that wraps it, on the same GGUF file."""

import json
import os
import sqlite3
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from harness.contest import say
from harness.processes import Unavailable, environment, run, run_json
from harness.report import Group, Row, show
from harness.texts import write_json

MODEL = "smollm2"
KEYS = {"prefill": "prefill", "decode_many": "many", "decode_one": "one"}
TITLES = {
    "prefill": "prefill of 4,096 tokens over 32 rows",
    "decode_many": "decode, 32 rows",
    "decode_one": "decode, one sequence",
}
# What Sibyl on the shipped file must be of llama.cpp on each file.
TARGETS = {
    "q4_1": {"prefill": 8, "decode_many": 6, "decode_one": 1.2},
    "q4_0": {"prefill": 2.4, "decode_many": 2.5},
    "q8_0": {"decode_one": 1},
}
SUMMARY_WORDS = 60
# ai_summarize's own question and the most tokens of its answer.
QUESTION = "Summarize the text below in at most {words} words.\n\n{text}"
SUMMARY_TOKENS = SUMMARY_WORDS * 2 + 16
# About 100 tokens, all of them the same for every row.
CONDITION = (
    "the text is the opinion of somebody who has seen a film and who would recommend it to a friend. Take the text as "
    "a whole: a single kind word in a text that finds fault with the story, the actors, the pictures or the music does "
    "not make a recommendation, and neither does a report of what happens in the film. Irony counts as what is meant, "
    "not as what is written")


@dataclass
class Side:
    """An engine on a file, and its figures in each round."""

    name: str
    measure: object
    detail: str = ""
    values: dict[str, list[float]] = field(default_factory=dict)
    reason: str | None = None

    def turn(self) -> None:
        if self.reason:
            return
        try:
            found = self.measure()
        except (Unavailable, OSError) as failure:
            self.reason = str(failure)
            say(f"  {self.name}: not available: {failure}")
            return
        for what in TITLES:
            values = found[what] if isinstance(found[what], list) else [found[what]]
            self.values.setdefault(what, []).extend(values)
        say(f"  {self.name}: " + ", ".join(f"{what} {self.values[what][-1]:,.0f}" for what in TITLES))

    def median(self, what: str) -> float | None:
        return statistics.median(self.values[what]) if self.values.get(what) else None


class Generation:
    def __init__(self, root: Path, scratch: Path, rounds: int, with_peers: bool):
        self.command = root / "build" / "sibyl"
        self.extension = next(
            (path for path in (root / "build").glob("sibyl.*") if path.suffix in (".so", ".dylib")),
            root / "build" / "sibyl.so")
        self.peers, self.scratch, self.rounds = root / "Benchmarks" / "peers", scratch, rounds
        self.python = self.peers / "work" / "venv" / "bin" / "python"
        self.with_peers = with_peers
        self.caches = 0

    def groups(self, films: list[str], news: list[str], is_quick: bool) -> list[Group]:
        self.file = self.model_file()
        return [
            self.engines(), self.summaries(news[: 50 if is_quick else 200]),
            self.filter(films[: 200 if is_quick else 1_000]), self.quality(news)]

    def model_file(self) -> Path:
        folder = Path(run([self.command, "models", "path", MODEL]).output.strip())
        files = sorted(folder.glob("*.gguf"))
        if not files:
            raise Unavailable(f"no GGUF file in {folder}")
        return files[0]

    def fresh_cache(self) -> str:
        self.caches += 1
        return str(self.scratch / f"generation-cache-{self.caches}.sqlite3")

    # MARK: The engine

    def engines(self) -> Group:
        group = Group("Generation: the decoder's engine")
        say("generation, engine")
        memory: list[tuple[float, float]] = []

        def ours() -> dict:
            done = run([self.command, "benchmark", "generation", "--repetitions", 2])
            found = json.loads(done.output)
            allowed = (1.6 * found["weight_bytes"] + found["cache_bytes"]) / 1e6
            memory.append((done.peak_megabytes, allowed))
            ours.found = found
            return found

        shipped = Side("Sibyl, Q4_1 (shipped)", ours)
        rivals, same = self.rivals() if self.with_peers else ({}, [])
        for _ in range(self.rounds):
            for rival in rivals.values():
                rival.turn()
                shipped.turn()
            if not rivals:
                shipped.turn()
            for side in same:
                side.turn()
        if shipped.reason:
            raise Unavailable(shipped.reason)
        for what, title in TITLES.items():
            group.rows.append(Row(f"{title}: Sibyl", shipped.median(what), "tokens/s"))
            for variant, rival in rivals.items():
                name = f"{title}: to llama.cpp on {variant.upper()}"
                target = TARGETS[variant].get(what)
                if rival.median(what) is None:
                    group.rows.append(Row(name, None, target=target, note=f"not available: {rival.reason}"))
                    continue
                group.rows.append(Row(name, shipped.median(what) / rival.median(what), "times", target))
        found = ours.found
        peak, allowed = max(memory)
        group.rows.append(Row(
            "peak memory (VmHWM) of all that", peak, "MB", allowed, "<=",
            f"at most 1.6 times the packed weights ({found['weight_bytes'] / 1e6:.0f} MB) and the memory for keys and "
            f"values ({found['cache_bytes'] / 1e6:.0f} MB, SIBYL_GENERATION_MEMORY); 10^6 bytes"))
        lines = []
        for side in [shipped, *same, *rivals.values()]:
            if side.reason:
                lines.append([side.name, f"not available: {side.reason}", "-", "-", "-"])
            else:
                lines.append([side.name, side.detail, *(show(side.median(what)) for what in TITLES)])
        group.tables.append((["tokens a second, medians", "settings", *TITLES.values()], lines))
        group.notes.append(
            f"Prompts of {found['prompt_tokens']} tokens by chance; decode: steps behind them. Sibyl's figure contains "
            "choosing each token, llama.cpp's is the forward pass alone, at the settings that suit it best here "
            "(threads, micro-batch, flash attention, one buffer for all rows or one each). Every measurement is a "
            "process of its own; engines take turns. Q4_0 and Q8_0 are the shipped file requantised by llama.cpp.")
        return group

    def rivals(self) -> tuple[dict[str, Side], list[Side]]:
        """llama.cpp on the three files, and Sibyl on the two that are not shipped."""
        rivals, same = {}, []
        for variant in TARGETS:
            rival = Side(f"llama.cpp, {variant.upper()}", None)
            rivals[variant] = rival
            try:
                path = self.requantised(variant)
                script = self.peers / "llama_generation_peer.py"
                settings = run_json([self.python, script, path], 300)
            except (Unavailable, OSError) as failure:
                rival.reason = f"the peer is not installed ({failure})" if isinstance(failure, OSError) else str(failure)
                say(f"  {rival.name}: not available: {rival.reason}")
                continue
            chosen = json.dumps(settings["settings"])
            rival.detail = "; ".join(
                f"{KEYS[what]}: {self.told(settings['settings'][KEYS[what]])}" for what in KEYS)
            rival.measure = lambda path=path, chosen=chosen, script=script: run_json(
                [self.python, script, path, "--settings", chosen])
            say(f"  {rival.name}: {rival.detail}")
            if path != self.file:
                same.append(self.ours_on(variant, path))
        return rivals, same

    @staticmethod
    def told(settings: dict) -> str:
        parts = [
            f"{settings['threads']} threads", f"micro-batch {settings['ubatch']}",
            f"flash attention {settings['flash_attention']}", "one buffer" if settings["unified"] else "a buffer a row"]
        return ", ".join(parts)

    def requantised(self, variant: str) -> Path:
        if variant == "q4_1":
            return self.file
        path = self.scratch / f"{MODEL}-{variant}.gguf"
        if not path.exists():
            run([self.python, self.peers / "requantise.py", self.file, path, variant])
        return path

    def ours_on(self, variant: str, path: Path) -> Side:
        home = self.scratch / "generation-home"
        name = f"{MODEL}-{variant.replace('_', '')}"
        run([self.command, "models", "add", name, path], SIBYL_HOME=home)
        return Side(f"Sibyl, {variant.upper()}", lambda: run_json(
            [self.command, "benchmark", "generation", "--repetitions", 1, "--model", name], SIBYL_HOME=home))

    # MARK: SQL

    def database(self, name: str, texts: list[str]) -> Path:
        path = self.scratch / f"{name}.db"
        if not path.exists():
            connection = sqlite3.connect(path)
            with connection:
                connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT)")
                connection.executemany("INSERT INTO t(body) VALUES (?)", ((text,) for text in texts))
            connection.close()
        return path

    def summaries(self, news: list[str]) -> Group:
        group = Group(f"Generation through SQL: ai_summarize over {len(news)} news items")
        say("generation, ai_summarize")
        database = self.database("summaries", news)
        prompts = write_json(
            self.scratch / "summary-prompts.json",
            [QUESTION.format(words=SUMMARY_WORDS, text=text) for text in news])
        query = (
            f"SELECT count(*) AS rows, sum(length(s)) AS characters FROM (SELECT ai_summarize(body, {SUMMARY_WORDS}) AS s "
            "FROM t); SELECT ai_generation_stats() AS stats")
        ours, theirs, told, written = [], [], None, None
        templated = None
        for _ in range(self.rounds):
            if self.with_peers:
                try:
                    if templated is None:
                        rows = json.loads(run(
                            [self.command, "benchmark", "conversations", "--texts", prompts]).output)
                        templated = write_json(
                            self.scratch / "summary-conversations.json", [row["text"] for row in rows])
                    told = run_json([
                        self.python, self.peers / "sqlite_ai_generation_peer.py", self.file, templated,
                        SUMMARY_TOKENS], 400)
                    theirs.append(told["rows_per_second"])
                except (Unavailable, OSError) as failure:
                    say(f"  sqlite-ai: not available: {failure}")
            done = run([self.command, "run", "--quiet", "--output", "json", database, query], SIBYL_CACHE=self.fresh_cache())
            counted, stats = self.answers(done.output)
            written = counted["characters"] / len(news), json.loads(stats["stats"])[MODEL]["written_tokens"] / len(news)
            ours.append(len(news) / done.seconds)
            say(f"  Sibyl {ours[-1]:.3g} rows/s" + (f", sqlite-ai {theirs[-1]:.3g} rows/s" if theirs else ""))
        rate = statistics.median(ours)
        group.rows.append(Row(
            "sibyl run", rate, "rows/s",
            note=f"the whole process, empty cache; {written[1]:.0f} tokens a summary, {written[0]:.0f} characters"))
        if theirs:
            other = statistics.median(theirs)
            group.rows.append(Row(
                f"sqlite-ai {told['version']}", other, "rows/s",
                note=f"the first {told['rows']} rows, the same file and prompts, at most {SUMMARY_TOKENS} tokens, greedy, "
                f"{told['settings']}; the SELECT alone; {told['characters_per_row']:.0f} characters a row"))
            group.rows.append(Row("to sqlite-ai", rate / other, "times", 8))
        else:
            group.rows.append(Row("to sqlite-ai", None, target=8, note="not available"))
        return group

    @staticmethod
    def answers(output: str) -> list[dict]:
        """The first row of each statement's answer."""
        rows = []
        decoder, rest = json.JSONDecoder(), output.strip()
        while rest:
            table, end = decoder.raw_decode(rest)
            rows.append(table[0])
            rest = rest[end:].strip()
        return rows

    def filter(self, films: list[str]) -> Group:
        group = Group(f"Generation through SQL: ai_filter over {len(films):,} short rows, one condition")
        say("generation, ai_filter")
        database = self.database("filter", films)
        condition = CONDITION.replace("'", "''")
        options = f'{{"model":"{MODEL}"}}'
        query = (
            f"SELECT count(*) AS rows, sum(ai_filter(body, '{condition}', '{options}')) AS found FROM t; "
            "SELECT ai_generation_stats() AS stats")
        rates = []
        for _ in range(self.rounds):
            done = run([self.command, "run", "--quiet", "--output", "json", database, query], SIBYL_CACHE=self.fresh_cache())
            counted, stats = self.answers(done.output)
            rates.append(len(films) / done.seconds)
        found = json.loads(stats["stats"])[MODEL]
        instruction = found["shared_tokens"] / len(set(films))
        say(f"  {statistics.median(rates):,.0f} rows/s, {found}")
        group.rows.append(Row(
            "sibyl run", statistics.median(rates), "rows/s",
            note=f"the whole process, empty cache; {counted['found']} rows meet the condition"))
        group.rows.append(Row(
            "tokens of the instruction that a row did not have to read", instruction, "tokens", 100,
            note=f"{found['shared_tokens']:,} for all rows, which read {found['read_tokens'] - found['prefix_tokens']:,} "
            "of their own (ai_generation_stats)"))
        group.rows.append(Row(
            "times the instruction was read", found["prefix_tokens"] / instruction, "times", 1, "<=",
            f"{found['prefix_tokens']} tokens"))
        group.rows.append(self.first_token())
        return group

    def first_token(self) -> Row:
        seconds = []
        for _ in range(5 if self.rounds == 1 else 11):
            start = time.perf_counter()
            child = subprocess.Popen(
                ["sqlite3", ":memory:", f".load {self.extension.with_suffix('')}",
                 "SELECT ai_generate('Name a colour.', '{\"max_tokens\": 1}')"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                env=environment(SIBYL_CACHE=self.fresh_cache()))
            line = child.stdout.readline()
            seconds.append(time.perf_counter() - start)
            complaint = child.communicate(timeout=60)[1]
            if child.returncode != 0 or not line.strip():
                raise Unavailable((complaint.strip().splitlines() or ["the sqlite3 shell failed"])[-1])
        return Row(
            "process start to first token, sqlite3 shell", statistics.median(seconds), "s", 0.6, "<=",
            f"ai_generate, median of {len(seconds)}, slowest {max(seconds):.3f} s")

    # MARK: Quality

    def quality(self, news: list[str]) -> Group:
        group = Group("Generation: quality")
        say("generation, quality")
        source = write_json(self.scratch / "generation-quality.json", news)
        found = run_json([self.command, "benchmark", "generation-quality", "--texts", source], 300)
        group.rows.append(Row(
            "teacher-forced agreement with float32", found["agreement"] * 100, "%", 97,
            note=f"the most probable token, {found['compared_tokens']:,} tokens behind {found['prompts']} prompts about "
            f"news items; {found['precision']}"))
        change = (found["perplexity"] / found["reference_perplexity"] - 1) * 100
        group.rows.append(Row(
            "perplexity above float32's", change, "%", 2, "<=",
            f"{found['perplexity']:.3f} against {found['reference_perplexity']:.3f} on {found['scored_tokens']:,} tokens "
            "of news items"))
        return group
