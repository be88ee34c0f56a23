"""The sqlite-ai extension from PyPI in the stock sqlite3 shell: answers written a second, in bounded time.

Usage: sqlite_ai_generation_peer.py MODEL.gguf PROMPTS.json MAXIMUM_TOKENS

Prompts are in the model's chat template already. Greedy, as many threads as there are cores.
"""

import importlib.resources
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

SECONDS = 20


def run(model: str, prompts: list[str], most: int, settings: str) -> tuple[float, int]:
    """Seconds of one SELECT that answers all prompts, model and context ready, and the characters written."""
    extension = importlib.resources.files("sqliteai.binaries.cpu") / "ai"
    rows = ",".join("('" + prompt.replace("'", "''") + "')" for prompt in prompts)
    script = f"""
.bail on
.load {extension}
CREATE TABLE t(body);
INSERT INTO t VALUES {rows};
SELECT llm_model_load('{model}', 'gpu_layers=0');
SELECT llm_context_create_textgen('{settings}');
SELECT llm_sampler_create();
SELECT llm_sampler_init_greedy();
SELECT length(llm_text_generate('warm', 'n_predict=2'));
.timer on
SELECT 'written ' || sum(length(llm_text_generate(body, 'n_predict={most}'))) FROM t;
"""
    done = subprocess.run(
        ["sqlite3", ":memory:"], input=script, capture_output=True, text=True, timeout=200)
    if done.returncode != 0:
        raise SystemExit((done.stderr.strip().splitlines() or ["sqlite3 failed"])[-1])
    written = re.search(r"written (\d+)", done.stdout)
    if not written:
        raise SystemExit("sqlite-ai wrote nothing")
    return float(re.search(r"Run Time: real ([0-9.]+)", done.stdout)[1]), int(written[1])


def main():
    model, prompts, most = sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")), int(sys.argv[3])
    settings = f"context_size=1024,n_threads={os.cpu_count()},n_threads_batch={os.cpu_count()}"
    once = max(run(model, prompts[:2], most, settings)[0] / 2, 0.001)
    count = max(1, min(len(prompts), int(SECONDS / once)))
    seconds, characters = run(model, prompts[:count], most, settings)
    print(json.dumps({
        "version": version("sqlite-ai"), "settings": settings, "rows": count, "rows_per_second": count / seconds,
        "characters_per_row": characters / count}))


if __name__ == "__main__":
    main()
