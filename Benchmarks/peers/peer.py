"""What every peer shares: its command line, batches, timing and the JSON line it prints.

A peer is run once a round, as a process of its own, so that no idle thread pool of one engine disturbs
another. With `--batch` it measures one pass over all texts at that batch size, after one pass that is not
timed; without, it tries its batch sizes on every fourth text and prints the best.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy

from minilm import cosines, reference


def arguments(variants: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--variant", choices=variants, required=True)
    parser.add_argument("--ids", type=Path, help="JSON: the token ids of each text")
    parser.add_argument("--batch", type=int, help="the batch size to measure; without it, the best is looked for")
    parser.add_argument("--latency", action="store_true", help="measure one row of 25 tokens instead")
    parser.add_argument("--cosine", action="store_true", help="compare with the reference embeddings instead")
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    return parser.parse_args()


def by_rows(rows: list[list[int]], size: int) -> list[list[list[int]]]:
    """Batches of `size` texts of like length."""
    rows = sorted(rows, key=len)
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def seconds(run, batches: list) -> float:
    start = time.perf_counter()
    for batch in batches:
        run(batch)
    return time.perf_counter() - start


def measure(options, version: str, sizes: list[int], prepare, run, cut=by_rows) -> None:
    """
    - prepare(rows): what `run` takes, made outside the timed part (padding, arrays);
    - run(prepared): one forward pass, answering the embeddings;
    - cut(rows, size): the batches.
    """
    answer = {"version": version}
    if options.cosine:
        rows, expected = reference()
        found = numpy.concatenate([run(prepare([row])) for row in rows])
        print(json.dumps(answer | cosines(found, expected)))
        return
    if options.latency:
        row = prepare([[101] + [2023] * 23 + [102]])
        for _ in range(50):
            run(row)
        times = sorted(seconds(run, [row]) for _ in range(500))
        print(json.dumps(answer | {"p50_ms": times[250] * 1e3, "p95_ms": times[475] * 1e3}))
        return
    rows = json.loads(options.ids.read_text())
    if options.batch is None:
        sample = rows[::4]
        tokens = sum(len(row) for row in sample)
        prepared = {size: [prepare(batch) for batch in cut(sample, size)] for size in sizes}
        # Sizes take turns, so that a noisy moment does not decide; the first turn warms up.
        turns = [{size: seconds(run, prepared[size]) for size in sizes} for _ in range(4)]
        rates = {size: tokens / min(turn[size] for turn in turns[1:]) for size in sizes}
        best = max(rates, key=rates.get)
        print(json.dumps(answer | {"batch": best, "tokens_per_second": rates[best]}))
        return
    batches = [prepare(batch) for batch in cut(rows, options.batch)]
    seconds(run, batches)
    rate = sum(len(row) for row in rows) / seconds(run, batches)
    print(json.dumps(answer | {"batch": options.batch, "tokens_per_second": rate}))
