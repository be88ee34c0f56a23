"""The sqlite-ai extension from PyPI in the stock sqlite3 shell: rows embedded a second, in bounded time.

Usage: sqlite_ai_peer.py TEXTS.json
"""

import importlib.resources
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from minilm import WORK

SECONDS = 10
MODEL = "minilm-q8_0.gguf"


def seconds_for(texts: list[str], settings: str) -> float:
    """Time of one SELECT that embeds the texts, model and context ready."""
    extension = importlib.resources.files("sqliteai.binaries.cpu") / "ai"
    rows = ",".join("('" + text.replace("'", "''") + "')" for text in texts)
    script = f"""
.bail on
.load {extension}
CREATE TABLE t(body);
INSERT INTO t VALUES {rows};
SELECT llm_model_load('{WORK / MODEL}', 'gpu_layers=0');
SELECT llm_context_create_embedding('{settings}');
SELECT length(llm_embed_generate('warm'));
.timer on
SELECT sum(length(llm_embed_generate(body))) FROM t;
"""
    done = subprocess.run(
        ["sqlite3", ":memory:"], input=script, capture_output=True, text=True, timeout=90)
    if done.returncode != 0:
        raise SystemExit((done.stderr.strip().splitlines() or ["sqlite3 failed"])[-1])
    if f"{len(texts) * 384 * 4}" not in done.stdout:
        raise SystemExit("sqlite-ai did not answer an embedding of 384 floats for each row")
    return float(re.search(r"Run Time: real ([0-9.]+)", done.stdout)[1])


def rate(texts: list[str], settings: str) -> tuple[float, int]:
    once = max(seconds_for(texts[:1], settings), 0.001)
    count = max(1, min(len(texts), int(SECONDS / once)))
    return count / seconds_for(texts[:count], settings), count


def main():
    texts = json.loads(Path(sys.argv[1]).read_text())[:500]
    shipped, rows = rate(texts, "embedding_type=FLOAT32")
    answer = {
        "version": version("sqlite-ai"), "model": MODEL, "rows": rows, "rows_per_second": shipped}
    settings = f"embedding_type=FLOAT32,context_size=128,n_threads={os.cpu_count()},n_threads_batch={os.cpu_count()}"
    try:
        short = [text for text in texts if len(text.split()) < 60]
        answer |= {"tuned_rows_per_second": rate(short, settings)[0], "tuned_settings": settings}
    except (SystemExit, subprocess.TimeoutExpired):
        # Smaller contexts are an extra; the shipped defaults are what is compared.
        pass
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
