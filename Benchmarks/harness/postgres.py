"""The functions in PostgreSQL: a throw-away server and a bridge, measured with psql and pgbench."""

import glob
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from harness.contest import say
from harness.processes import Unavailable, environment, run_json
from harness.report import Group, Row
from harness.texts import write_json


class Server:
    """A PostgreSQL server in a folder of its own, reached through a socket there, and a bridge to it, through another."""

    def __init__(self, command: Path, scratch: Path):
        self.command, self.folder = command, Path(tempfile.mkdtemp(prefix="sibyl-postgres-"))
        self.cache = scratch / "postgres-cache"
        self.bridge = None
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin")) + sorted(glob.glob("/opt/homebrew/opt/postgresql@*/bin"))
        if not found and shutil.which("initdb"):
            found = [str(Path(shutil.which("initdb")).resolve().parent)]
        if not found:
            raise Unavailable("there is no PostgreSQL server; run: make setup")
        self.programs = Path(found[-1])
        self.address = f"host={self.folder} user=sibyl dbname=postgres"

    def __enter__(self) -> "Server":
        # Its own user must get into it, and root's other folders are closed to him.
        self.folder.chmod(0o755)
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.as_server("initdb", "-D", self.folder / "data", "-U", "sibyl", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.as_server(
            "pg_ctl", "-D", self.folder / "data", "-l", self.folder / "data" / "log", "-w", "-s", "-o",
            f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off", "start")
        self.cache.mkdir()
        # As a database and a bridge on one machine are best connected: through a socket file.
        socket = self.folder / "bridge"
        socket.mkdir(mode=0o755)
        self.bridge = subprocess.Popen(
            [self.command, "bridge", "--dsn", self.address, "--listen", socket, "--log-level", "warning"],
            env=environment(SIBYL_CACHE=str(self.cache / "cache.sqlite3")))
        for _ in range(300):
            try:
                if self.ask("SELECT ok FROM sibyl.health()") == "t":
                    return self
            except Unavailable:
                pass
            time.sleep(0.1)
        self.__exit__()
        raise Unavailable("the bridge does not answer")

    def __exit__(self, *_) -> None:
        if self.bridge:
            self.bridge.send_signal(signal.SIGINT)
            try:
                self.bridge.wait(15)
            except subprocess.TimeoutExpired:
                self.bridge.kill()
        try:
            self.as_server("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-s", "stop")
        except Unavailable:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def as_server(self, program: str, *arguments) -> None:
        words = [str(self.programs / program), *map(str, arguments)]
        if os.getuid() == 0:
            words = ["runuser", "-u", "postgres", "--", *words]
        done = subprocess.run(
            words, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise Unavailable(f"{program}: {done.stderr.strip()[-300:]}")

    def ask(self, *statements: str) -> str:
        """The last statement's answer, all in one session."""
        done = subprocess.run(
            [self.programs / "psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.address,
             *(word for statement in statements for word in ("-c", statement))],
            capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(done.stderr.strip()[-300:])
        return done.stdout.strip()

    def table(self, name: str, texts: list[str]) -> None:
        source = self.folder / f"{name}.csv"
        source.write_text("".join('"' + text.replace('"', '""') + '"\n' for text in texts), encoding="utf-8")
        self.ask(
            f"CREATE TABLE {name} (id serial PRIMARY KEY, body text)",
            f"\\copy {name} (body) FROM '{source}' CSV", f"ANALYZE {name}")

    def seconds(self, statement: str) -> float:
        """The server's own time for a statement, in a session that has called the bridge before."""
        answer = self.ask(
            "SELECT ai_sentiment('warm up')", "CREATE TEMP TABLE clock AS SELECT clock_timestamp() AS started",
            statement, "SELECT extract(epoch FROM clock_timestamp() - started) FROM clock")
        return float(answer.splitlines()[-1])


def single_calls(server: Server, table: str) -> list[float]:
    """Milliseconds of each call, one after the other, as the server's own clock has them."""
    server.ask("CREATE TABLE IF NOT EXISTS timed (milliseconds float8)", "TRUNCATE timed")
    server.ask(
        "SELECT ai_sentiment('warm up')",
        f"""DO $$ DECLARE one record; started timestamptz; BEGIN
          FOR one IN SELECT body FROM {table} LOOP
            started := clock_timestamp();
            PERFORM ai_sentiment(one.body);
            INSERT INTO timed VALUES (extract(epoch FROM clock_timestamp() - started) * 1000);
          END LOOP; END $$""")
    return [float(line) for line in server.ask("SELECT milliseconds FROM timed").splitlines()]


def measure(root: Path, scratch: Path, texts: list[str], short: list[str], rounds: int) -> Group:
    """`texts` are at least 2,000 distinct ones; `short` have 25 tokens each."""
    command = root / "build" / "sibyl"
    group = Group("In PostgreSQL, through the bridge")
    say(group.title)
    with Server(command, scratch) as server:
        engine_rate, array_shares, sessions_shares, notes = [], [], [], []
        thousand, many = texts[:1_000], texts[1_000:7_000]

        def engine(some: list[str]) -> float:
            found = run_json([command, "benchmark", "engine", "--texts", write_json(scratch / "postgres.json", some)])
            return len(some) / statistics.median(found["seconds"])

        for turn in range(rounds):
            name = f"round{turn}"
            # Other texts in each round, so that nothing is cached; and the same ones for the engine.
            these, those = [f"{text} {turn}" for text in thousand], [f"{text} {turn}" for text in many]
            server.table(f"{name}_array", these)
            server.table(f"{name}_rows", those)
            own = engine(these)
            taken = server.seconds(f"SELECT cardinality(ai_sentiment(array_agg(body))) FROM {name}_array")
            array_shares.append(len(these) / taken / own)
            engine_rate.append(own)
            before = engine(those)
            rate = eight_sessions(server, f"{name}_rows", len(those))
            sessions_shares.append(rate / ((before + engine(those)) / 2))
            notes.append((rate, len(these) / taken))
            say(f"  round {turn + 1}: engine {own:,.0f} rows/s, array {array_shares[-1]:.2f}, "
                f"8 sessions {rate:,.0f} rows/s, {sessions_shares[-1]:.2f}")
        group.rows += [
            Row("the engine on 1,000 distinct texts", statistics.median(engine_rate), "rows/s"),
            Row("one array of the same number: of the engine's rate", statistics.median(array_shares), "", 0.80,
                note=f"{statistics.median(array for _, array in notes):,.0f} rows/s; "
                "SELECT ai_sentiment(array_agg(body))"),
            Row("8 sessions, row by row: of the engine's rate", statistics.median(sessions_shares), "", 0.70,
                note=f"{statistics.median(rate for rate, _ in notes):,.0f} rows/s over {len(many):,} texts; pgbench "
                "with 8 clients, 25 rows a query"),
        ]
        # Cached calls against a plain function.
        server.ask(
            "CREATE FUNCTION plain(body text) RETURNS text LANGUAGE plpgsql STABLE STRICT "
            "AS 'BEGIN RETURN body; END'")
        time.sleep(0.2)
        rows = len(thousand)
        plain, cached = [], []
        for _ in range(5):
            plain.append(server.seconds("SELECT count(plain(body)) FROM round0_array") / rows * 1e6)
            cached.append(server.seconds("SELECT count(ai_sentiment(body)) FROM round0_array") / rows * 1e6)
        group.rows.append(Row(
            "a cached call, beyond a plain plpgsql function", statistics.median(cached) - statistics.median(plain),
            "us", note=f"{statistics.median(cached):.1f} against {statistics.median(plain):.1f} us a row"))
        group.rows += jobs(server, scratch, many, engine)
        group.rows += one_call(server, command, scratch, short, 5 * rounds)
    return group


def one_call(server: Server, command: Path, scratch: Path, short: list[str], turns: int) -> list[Row]:
    """One call against the engine's own time for it, in many short turns, so that a neighbour's burst of work falls on
    both. Between two calls the database has the processor, and a core that has rested for most of a millisecond is
    slower at first whoever calls; so the engine is also timed with rests of that length."""
    overheads, rested = [], []
    for turn in range(turns):
        some = short[turn::turns]
        server.table(f"short{turn}", some)
        source = write_json(scratch / "postgres-short.json", some)

        def engine(*further: str) -> float:
            return run_json([
                command, "benchmark", "latency", "--calls", "300", "--texts", source, *further])["p50_ms"]

        own = engine()
        through = statistics.median(single_calls(server, f"short{turn}"))
        after_rest = engine("--pause", str(max(0, round((through - own) * 1e3))))
        overheads.append((through - own, through, own))
        rested.append((through - after_rest, through, after_rest))
        say(f"  one call, turn {turn + 1}: {through:.3f} ms, engine {own:.3f}, after a rest {after_rest:.3f}")
    rows = []
    for what, found, target in (
            ("beyond the engine's own time without a rest between calls", overheads, None),
            ("beyond the engine's own time at the same rhythm", rested, 0.3)):
        overhead, through, own = sorted(found)[len(found) // 2]
        rows.append(Row(
            f"one call of 25 tokens, p50, {what}", overhead, "ms", target, "<=",
            note=f"{through:.3f} ms in the server against {own:.3f} ms in the engine"))
    return rows


def jobs(server: Server, scratch: Path, texts: list[str], engine) -> list[Row]:
    """A job of the bridge's own workers, and what a column that is kept fresh costs whoever inserts rows."""
    these = [f"{text} of a job" for text in texts]
    server.table("job_rows", these)
    own = engine(these)
    server.ask("SELECT sibyl.create_job('bench', 'SELECT id, body FROM job_rows', 'id', 'ai_sentiment')")
    for _ in range(1_200):
        if server.ask("SELECT state FROM sibyl.jobs WHERE name = 'bench'") == "finished":
            break
        time.sleep(0.1)
    rate = float(server.ask(
        "SELECT rows / extract(epoch FROM finished - started) FROM sibyl.jobs WHERE name = 'bench' AND done = rows"))
    # The workers rest meanwhile: what they do with the rows is another matter.
    server.ask(
        "CREATE TABLE plain_rows (id bigserial PRIMARY KEY, body text)",
        "CREATE TABLE fresh_rows (id bigserial PRIMARY KEY, body text)",
        "SELECT sibyl.create_column('fresh_rows', 'mood', 'ai_sentiment', ARRAY['body'])",
        "UPDATE sibyl.ai_column SET state = 'paused'")
    rows = 5_000
    found = {name: [] for name in ("plain_rows", "fresh_rows")}
    for _ in range(5):
        for name, seconds in found.items():
            seconds.append(server.seconds(
                f"""DO $$ BEGIN FOR i IN 1 .. {rows} LOOP
                  INSERT INTO {name} (body) VALUES ('It came on day ' || i || ' and works'); END LOOP; END $$""")
                / rows * 1e6)
    plain, fresh = (statistics.median(seconds) for seconds in found.values())
    server.ask("SELECT sibyl.detach_column('fresh_rows', 'mood')", "SELECT sibyl.drop_job('bench')")
    return [
        Row("a job by the bridge's own workers: of the engine's rate", rate / own, "",
            note=f"{rate:,.0f} rows/s over {len(these):,} texts, read from a table and written to another"),
        Row("an INSERT of one row into a table with a fresh column, beyond a plain one", fresh - plain, "us", 200, "<=",
            note=f"{fresh:.1f} against {plain:.1f} us; one statement a row"),
    ]


def eight_sessions(server: Server, table: str, rows: int) -> float:
    """Rows a second of eight sessions, whose queries go over rows of their own and call the function for each."""
    rows_a_query = 25
    script = server.folder / "sessions.sql"
    script.write_text(
        f"SELECT count(ai_sentiment(body)) FROM {table}, (SELECT nextval('next_query') * {rows_a_query} AS last) AS turn "
        f"WHERE id > last - {rows_a_query} AND id <= last;\n", encoding="utf-8")
    server.ask("DROP SEQUENCE IF EXISTS next_query", "CREATE SEQUENCE next_query CACHE 1")
    done = subprocess.run(
        [server.programs / "pgbench", "-n", "-c", "8", "-j", "2", "-t", str(rows // 8 // rows_a_query), "-f", script,
         f"--host={server.folder}", "--username=sibyl", "postgres"],
        capture_output=True, text=True, check=False)
    rate = next((line for line in done.stdout.splitlines() if line.startswith("tps = ")), None)
    if done.returncode or rate is None:
        raise Unavailable(f"pgbench: {(done.stderr or done.stdout).strip()[-300:]}")
    return float(rate.split()[2]) * rows_a_query
