"""Times single calls of ai_sentiment on distinct texts: call_latency.py EXTENSION TEXTS.json"""

import json
import sqlite3
import sys
import time
from pathlib import Path

connection = sqlite3.connect(":memory:")
connection.enable_load_extension(True)
connection.load_extension(sys.argv[1])
texts = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
for index in range(50):
    connection.execute("SELECT ai_sentiment(?)", (f"a warm-up of the engine and of its helpers, number {index}",)).fetchone()
times = []
for text in texts:
    start = time.perf_counter()
    connection.execute("SELECT ai_sentiment(?)", (text,)).fetchone()
    times.append(time.perf_counter() - start)
times.sort()
print(json.dumps({
    "p50_ms": times[len(times) // 2] * 1e3, "p95_ms": times[len(times) * 95 // 100] * 1e3}))
