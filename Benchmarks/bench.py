#!/usr/bin/env python3
"""Measures Sibyl beside other engines on this machine and writes Benchmarks/RESULTS.md.

    scripts/bench.sh                     all of it, into RESULTS.md (about half an hour)
    scripts/bench.sh --skip-peers        Sibyl alone; prints, writes nothing
    scripts/bench.sh --quick             fewer rounds and rows; prints, writes nothing
    scripts/bench.sh --only engine       one group: engine, latency, bulk, large, scale, single, search,
                                         postgres, extension, generation, training, cascade, quality

Where a thing can't be measured, the table says "not available" and why. Measure on an idle machine.
"""

import argparse
import datetime
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import machine, postgres, search
from harness.cascade import Cascade
from harness.contest import say
from harness.engines import Engines
from harness.generation import Generation
from harness.processes import Unavailable, run_json
from harness.quality import Quality
from harness.report import Group, Row, table
from harness.scale import Scale
from harness.sql import SQLJobs
from harness.texts import distinct_texts, reference_sets, write_json
from harness.training import Training

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
GROUPS = [
    "engine", "latency", "bulk", "large", "scale", "single", "search", "postgres", "extension", "generation",
    "training", "cascade", "quality",
]
TOKENS_OF_A_SHORT_TEXT = 25


def main():
    options = arguments()
    started = time.time()
    command = ROOT / "build" / "sibyl"
    if not command.exists():
        raise SystemExit("build/sibyl is missing; run: make build")
    wanted = options.only or GROUPS
    with_peers = not options.skip_peers
    if with_peers and {"engine", "latency", "search", "extension", "generation"} & set(wanted):
        subprocess.run([FOLDER / "peers" / "install.sh"], check=False)
    rounds = 1 if options.quick else options.rounds
    sets, are_real = reference_sets()
    groups: list[Group] = []
    with tempfile.TemporaryDirectory(prefix="sibyl-bench-") as temporary:
        scratch = Path(temporary)
        engines = Engines(command, FOLDER / "peers", scratch, rounds, with_peers)
        jobs = SQLJobs(ROOT, scratch, rounds)
        bulk_texts = distinct_texts(3_000 if options.quick else 10_000)
        bulk_rate = None

        def attempt(name: str, title: str, measure) -> None:
            """A group that fails is reported and leaves the others."""
            if name not in wanted:
                return
            try:
                found = measure()
                groups.extend(found if isinstance(found, list) else [found])
            except Unavailable as failure:
                say(f"{title}: not available: {failure}")
                groups.append(Group(title, [Row(title, None, note=f"not available: {failure}")]))

        def bulk() -> Group:
            nonlocal bulk_rate
            group, bulk_rate = jobs.bulk(bulk_texts)
            return group

        short = short_texts(command, scratch) if {"latency", "single", "postgres"} & set(wanted) else []
        attempt("engine", "Engine: tokens a second", lambda: engines.throughput(sets))
        attempt("latency", "Engine: one text of 25 tokens", lambda: engines.latency(short[:400]))
        attempt("bulk", "Bulk through SQL", bulk)
        attempt("large", "A large table", lambda: jobs.large(distinct_texts(5_000 if options.quick else 100_000)))
        sizes = [1_000, 10_000] if options.quick else [1_000, 10_000, 100_000, 1_000_000]
        attempt("scale", "Growing tables", lambda: Scale(jobs, scratch).group(distinct_texts(sizes[-1] // 10), sizes))
        attempt("single", "One call at a time", lambda: jobs.single(
            bulk_texts[: 500 if options.quick else 3_000], short[:400], 5 if options.quick else 15))
        attempt("search", "Search", lambda: search.measure(
            ROOT, scratch, 10_000 if options.quick else 100_000, rounds, with_peers))
        attempt("postgres", "In PostgreSQL", lambda: postgres.measure(ROOT, scratch, bulk_texts, short, rounds))
        if with_peers:
            attempt("extension", "Another SQLite extension", lambda: engines.extensions(sets[0].texts, bulk_rate))
        attempt("generation", "Generation", lambda: Generation(ROOT, scratch, rounds, with_peers).groups(
            sets[0].texts, sets[1].texts, options.quick))
        attempt("training", "Training a classifier", lambda: Training(ROOT, scratch).group())
        attempt("cascade", "A cascade", lambda: Cascade(ROOT, scratch).group())
        attempt("quality", "Quality", lambda: Quality(ROOT, scratch).group(
            sets[0].texts[: 200 if options.quick else 1_000]))

    report = compose(groups, options, are_real, time.time() - started)
    is_whole = with_peers and not options.quick and not options.only
    if is_whole:
        (FOLDER / "RESULTS.md").write_text(report, encoding="utf-8")
        say("wrote Benchmarks/RESULTS.md")
    print(report)
    missed = [row.what for group in groups for row in group.rows if row.met() is False]
    if missed:
        say(f"{len(missed)} of the asked figures were not met: " + "; ".join(missed))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skip-peers", action="store_true", help="measure Sibyl alone")
    parser.add_argument("--quick", action="store_true", help="one round, small tables")
    parser.add_argument("--only", action="append", choices=GROUPS, help="one group; may be given several times")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default 3)")
    return parser.parse_args()


def short_texts(command: Path, scratch: Path) -> list[str]:
    """Distinct texts of 25 tokens, [CLS] and [SEP] among them."""
    texts = distinct_texts(50_000)
    ids = run_json([command, "benchmark", "tokens", "--texts", write_json(scratch / "short-candidates.json", texts)])
    return [text for text, row in zip(texts, ids) if len(row) + 2 == TOKENS_OF_A_SHORT_TEXT][:2_000]


def compose(groups: list[Group], options: argparse.Namespace, are_real: bool, seconds: float) -> str:
    facts = [
        ["processor", machine.processor()],
        ["cores", str(machine.os.cpu_count())],
        ["memory", f"{machine.memory_gigabytes():.0f} GB"],
        ["system", machine.system()],
        *([name, version] for name, version in machine.versions(ROOT).items()),
        ["date", datetime.date.today().isoformat()],
        ["command", "make bench" if len(sys.argv) == 1 else shlex.join(["scripts/bench.sh", *sys.argv[1:]])],
        ["took", f"{seconds / 60:.0f} minutes"],
        ["texts", "SST-2 and AG News; larger tables of distinct sentences made from SST-2's" if are_real
         else "a stand-in: random common words with the lengths of SST-2 and AG News"],
    ]
    parts = [
        "# Measured speed and quality",
        "Written by `make bench`; not edited by hand. \"Measured / asked\" compares a figure with what was asked of "
        "it; medians of rounds in which the engines took turns.",
        table(["", ""], facts),
        *(group.markdown() for group in groups),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
