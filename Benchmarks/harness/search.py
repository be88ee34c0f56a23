"""ai_search among many vectors, against what the machine's memory allows and beside sqlite-vec."""

import statistics
from pathlib import Path

from harness.contest import say
from harness.processes import Unavailable, run_json
from harness.report import Group, Row
from harness.sql import interpreter_that_loads_extensions

DIMENSIONS = 384


def measure(root: Path, scratch: Path, rows: int, rounds: int, with_peers: bool) -> Group:
    group = Group(f"Search: {rows:,} rows of {DIMENSIONS} dimensions")
    say(group.title)
    python = interpreter_that_loads_extensions()
    if python is None:
        raise Unavailable("no Python here can load SQLite extensions")
    extension = next(
        (path for path in (root / "build").glob("sibyl.*") if path.suffix in (".so", ".dylib")), None)
    if extension is None:
        raise Unavailable("build/sibyl.so is missing; run: make build")
    # The first look reads each vector in eight bits.
    limit_of = [root / "build" / "sibyl", "benchmark", "memory-limit", "--bytes", str(rows * DIMENSIONS)]
    script = [python, Path(__file__).with_name("search_latency.py"), extension.with_suffix(""), str(rows),
              str(DIMENSIONS)]
    vec0 = next((root / "Benchmarks/peers/work/venv").glob("lib/python*/site-packages/sqlite_vec/vec0.*"), None)
    if with_peers and vec0:
        script.append(vec0.with_suffix(""))
    found, limits = [], []
    for index in range(rounds):
        limits.append(run_json(limit_of)["milliseconds"])
        found.append(run_json(script, SIBYL_CACHE=str(scratch / f"search-{index}.sqlite3")))
        say(f"  round {index + 1}: {found[-1]['embedding']['p50_ms']:.2f} ms, "
            f"memory's limit {limits[-1]:.2f} ms")

    def median(name: str, part: str | None = None) -> float:
        return statistics.median(one[name][part] if part else one[name] for one in found)

    ours, limit = median("embedding", "p50_ms"), statistics.median(limits)
    group.rows += [
        Row("query by a text, p50", median("text", "p50_ms"), "ms", 15, "<=",
            "new texts: embedding it, looking whether the table has changed, searching; k = 10"),
        Row("query by a text, p95", median("text", "p95_ms"), "ms", 15, "<="),
        Row("query by an embedding, p50", ours, "ms", note=f"p95 {median('embedding', 'p95_ms'):.2f} ms"),
        Row("reading a byte a dimension, all cores", limit, "ms", note="memchr on as many bytes: memory's limit"),
        Row("query, of memory's limit", limit / ours, "times", note="1 would be no work but reading"),
        Row("first query of a connection", median("first_seconds"), "s", note="reads the table of embeddings"),
        Row("query after a change of the table", median("after_change_seconds"), "s", note="reads it again"),
    ]
    if "vec0" not in found[0]:
        if with_peers:
            group.rows.append(Row("sqlite-vec", None, note="not available: it could not be installed"))
        return group
    for name, what in [("vec0", "vec0, MATCH … AND k = 10"), ("vec_distance_cosine", "vec_distance_cosine, ORDER BY")]:
        theirs = median(name, "p50_ms")
        group.rows.append(Row(f"sqlite-vec 0.1.9: {what}, p50", theirs, "ms",
                              note=f"the same blobs; ai_search takes {theirs / ours:.0f} times less"))
    if not all(one["same_rows"] for one in found):
        group.notes.append("ai_search and vec0 found different rows.")
    return group
