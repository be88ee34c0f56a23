"""Times searches among random vectors: search_latency.py EXTENSION ROWS DIMENSIONS [VEC0]

Prints one line of JSON. VEC0 is the library of sqlite-vec, which then searches the same blobs.
"""

import array
import json
import math
import random
import sqlite3
import sys
import time

extension, rows, dimensions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
vec0 = sys.argv[4] if len(sys.argv) > 4 else None
QUERIES = 200


def vectors():
    """Vectors in clusters, as texts have them, of length 1."""
    generator = random.Random(7)
    topics = [[generator.gauss(0, 1) for _ in range(dimensions)] for _ in range(64)]
    noise = [generator.gauss(0, 1.5) for _ in range(1_000_003)]
    for number in range(rows):
        start = generator.randrange(len(noise) - dimensions)
        vector = [a + b for a, b in zip(topics[number % 64], noise[start:start + dimensions])]
        norm = math.sqrt(sum(value * value for value in vector))
        yield array.array("f", (value / norm for value in vector)).tobytes()


def milliseconds(statement, arguments, count=QUERIES):
    times = []
    for number in range(count):
        values = arguments(number)
        start = time.perf_counter()
        connection.execute(statement, values).fetchall()
        times.append((time.perf_counter() - start) * 1e3)
    times.sort()
    return {"p50_ms": times[len(times) // 2], "p95_ms": times[len(times) * 95 // 100]}


connection = sqlite3.connect(":memory:", isolation_level=None)
connection.enable_load_extension(True)
connection.load_extension(extension)
if vec0:
    connection.load_extension(vec0)
connection.execute("CREATE TABLE notes(id INTEGER PRIMARY KEY, vector BLOB)")
connection.execute("BEGIN")
connection.executemany("INSERT INTO notes(vector) VALUES (?)", ((vector,) for vector in vectors()))
connection.execute("COMMIT")
queries = [row[0] for row in connection.execute("SELECT vector FROM notes ORDER BY random() LIMIT 50")]
found = {}

search = "SELECT rowid, score FROM ai_search('notes', 'vector', ?, 10)"
for number in range(50):
    connection.execute("SELECT ai_embed(?)", (f"a warm-up of the engine and of its helpers, number {number}",)).fetchone()
start = time.perf_counter()
connection.execute(search, (queries[0],)).fetchall()
found["first_seconds"] = time.perf_counter() - start
found["embedding"] = milliseconds(search, lambda number: (queries[number % len(queries)],))
if dimensions == 384:
    # Each question is new, so that each is embedded.
    found["text"] = milliseconds(search, lambda number: (f"what do people say about late delivery number {number}?",))
connection.execute("UPDATE notes SET id = id WHERE id = 1")
start = time.perf_counter()
connection.execute(search, (queries[0],)).fetchall()
found["after_change_seconds"] = time.perf_counter() - start

if vec0:
    scan = "SELECT id, vec_distance_cosine(vector, ?) AS d FROM notes ORDER BY d LIMIT 10"
    found["vec_distance_cosine"] = milliseconds(scan, lambda number: (queries[number % len(queries)],), 20)
    connection.execute(
        f"CREATE VIRTUAL TABLE indexed USING vec0(embedding float[{dimensions}] distance_metric=cosine)")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO indexed(rowid, embedding) SELECT id, vector FROM notes")
    connection.execute("COMMIT")
    match = "SELECT rowid, distance FROM indexed WHERE embedding MATCH ? AND k = 10 ORDER BY distance"
    found["vec0"] = milliseconds(match, lambda number: (queries[number % len(queries)],), 50)
    theirs = [row[0] for row in connection.execute(match, (queries[1],))]
    ours = [row[0] for row in connection.execute(search, (queries[1],))]
    found["same_rows"] = ours == theirs
print(json.dumps(found))
