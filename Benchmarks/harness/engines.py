"""The engine against other engines and against the machine's limit, on the same texts."""

from pathlib import Path

from harness.contest import Contestant, play, say
from harness.processes import Unavailable, run, run_json
from harness.report import Group, Row, show
from harness.texts import TextSet, write_json

# (script, variant, family)
PEERS = [
    ("onnxruntime", "f32", "ONNX Runtime f32"),
    ("onnxruntime", "int8", "ONNX Runtime int8, dynamic, per channel"),
    ("openvino", "f32", "OpenVINO f32"),
    ("openvino", "bf16", "OpenVINO bf16"),
    ("llama_cpp", "f16", "llama.cpp f16"),
    ("llama_cpp", "q8_0", "llama.cpp q8_0"),
    ("llama_cpp", "q4_0", "llama.cpp q4_0"),
]
RUNTIMES = ("onnxruntime", "openvino")
TUNING_LIMIT = 300


class Engines:
    def __init__(self, command: Path, peers: Path, scratch: Path, rounds: int, with_peers: bool):
        self.command, self.peers, self.scratch, self.rounds = command, peers, scratch, rounds
        self.with_peers = with_peers
        self.python = peers / "work" / "venv" / "bin" / "python"

    # MARK: Commands

    def peer(self, script: str, variant: str, *options, limit: float = TUNING_LIMIT) -> dict:
        if not self.python.exists():
            raise Unavailable("the peers are not installed (Benchmarks/peers/install.sh)")
        path = self.peers / f"{script}_peer.py"
        return run_json([self.python, path, "--variant", variant, *options], limit)

    def ours(self, texts: Path) -> float:
        found = run_json([self.command, "benchmark", "engine", "--texts", texts])
        return found["tokens"] / found["seconds"][0]

    def limit(self) -> float:
        """The matrix products alone, at 64 and at 512 rows: the better."""
        return max(
            run_json([self.command, "benchmark", "gemm-limit", "--rows", rows])["tokens_per_second"]
            for rows in (64, 512))

    def token_ids(self, source: Path) -> Path:
        """Ids of the texts for the peers, by the reference tokenizer; ours must be the same."""
        target = source.with_suffix(".ids.json")
        run([self.python, self.peers / "tokenize_texts.py", source, target])
        return target

    # MARK: Groups

    def throughput(self, sets: list[TextSet]) -> Group:
        group = Group("Engine: tokens a second")
        group.notes.append(
            "One pass over all texts, the forward pass only for the peers, tokenising included for Sibyl; "
            "tokens count [CLS] and [SEP]. Every measurement is a process of its own, after one untimed pass; "
            f"engines take turns in {self.rounds} round{'s' if self.rounds > 1 else ''}. Ratios are of medians.")
        group.notes.append(
            "The limit is what oneDNN reaches with the model's int8 products alone (four shapes, six layers of "
            "distinct weights, a stream and a thread a core), the better of 64 and 512 rows.")
        for texts in sets:
            self.throughput_on(texts, group)
        return group

    def throughput_on(self, texts: TextSet, group: Group) -> None:
        say(f"engine, {texts.title}")
        source = write_json(self.scratch / f"{texts.name}.json", texts.texts)
        ours = Contestant("Sibyl", lambda: self.ours(source))
        limit = Contestant("limit", self.limit)
        peers = self.tuned_peers(source) if self.with_peers else []
        play(ours, [limit, *(peer for peer, _ in peers)], self.rounds)
        if ours.median is None:
            raise Unavailable(ours.reason or "the engine was not measured")

        def ratio(name: str, rivals: list[Contestant], target: float) -> Row:
            measured = [rival for rival in rivals if rival.median]
            if not measured:
                return Row(name, None, target=target, note="not available")
            best = max(measured, key=lambda rival: rival.median)
            return Row(name, ours.median / best.median, "times", target, note=best.name)

        group.rows.append(Row(f"{texts.title}: Sibyl", ours.median, "tokens/s", 50_000))
        if self.with_peers:
            group.rows += [
                ratio(
                    f"{texts.title}: to the best of ONNX Runtime and OpenVINO",
                    [peer for peer, script in peers if script in RUNTIMES], 1.7),
                ratio(
                    f"{texts.title}: to the best of llama.cpp",
                    [peer for peer, script in peers if script not in RUNTIMES], 4),
            ]
        group.rows.append(ratio(f"{texts.title}: to the limit of oneDNN's int8 products", [limit], 0.52))
        lines = []
        for one in [ours, limit, *(peer for peer, _ in peers)]:
            if one.median is None:
                lines.append([one.name, "-", f"not available: {one.reason}", "-", "-"])
            else:
                lines.append([
                    one.name, one.detail, show(one.median), show(one.best()),
                    f"{ours.median / one.median:.2f}"])
        group.tables.append((
            [texts.title, "batch", "median, tokens/s", "best, tokens/s", "Sibyl is faster by (times)"], lines))

    def tuned_peers(self, source: Path) -> list[tuple[Contestant, str]]:
        """Each peer at its best batch size on these texts."""
        found = []
        try:
            ids = self.token_ids(source)
        except (Unavailable, OSError) as failure:
            ids, missing = None, f"the peers are not installed ({failure})"
        for script, variant, name in PEERS:
            peer = Contestant(name, lambda: 0)
            found.append((peer, script))
            if ids is None:
                peer.reason = missing
                continue
            try:
                best = self.peer(script, variant, "--ids", ids)
            except Unavailable as failure:
                peer.reason = str(failure)
                say(f"  {name}: not available: {failure}")
                continue
            what = "tokens" if script == "llama_cpp" else "texts"
            peer.detail = f"{best['batch']} {what}; {best['version']}"
            say(f"  {name}: best batch {best['batch']} {what}, {best['tokens_per_second']:,.0f} tokens/s")
            options = [script, variant, "--ids", ids, "--batch", best["batch"]]
            peer.measure = lambda options=options: self.peer(*options)["tokens_per_second"]
        return found

    def latency(self, texts: list[str]) -> Group:
        """One call of 25 tokens."""
        group = Group("Engine: one text of 25 tokens")
        source = write_json(self.scratch / "latency.json", texts)
        command = [self.command, "benchmark", "latency", "--texts", source]
        tails: list[float] = []

        def ours() -> float:
            found = run_json(command)
            tails.append(found["p95_ms"])
            return found["p50_ms"]

        sibyl = Contestant("Sibyl", ours)
        peers = []
        if self.with_peers:
            for script, variant, name in PEERS:
                measure = lambda options=(script, variant, "--latency"): self.peer(*options)["p50_ms"]
                peers.append(Contestant(name, measure))
        say("latency")
        play(sibyl, peers, self.rounds)
        if sibyl.median is None:
            raise Unavailable(sibyl.reason or "the engine was not measured")
        group.rows.append(Row(
            "Sibyl's engine, p50", sibyl.median, "ms", 0.8, "<=",
            f"p95 {sorted(tails)[len(tails) // 2]:.2f} ms"))
        lines = [
            [peer.name, show(peer.median), show(peer.best(smaller=True)), f"{peer.median / sibyl.median:.2f}"]
            if peer.median else [peer.name, f"not available: {peer.reason}", "-", "-"]
            for peer in peers
        ]
        if lines:
            group.tables.append((["p50", "median, ms", "best, ms", "Sibyl is faster by (times)"], lines))
        group.notes.append("Peers: the forward pass of ready token ids; Sibyl: text in, vector out, all cores.")
        return group

    def extensions(self, texts: list[str], ours: float | None) -> Group:
        """The SQLite extension that wraps llama.cpp, as its package ships it."""
        group = Group("Another SQLite extension: rows a second")
        say("sqlite-ai")
        source = write_json(self.scratch / "extension.json", texts)
        try:
            found = run_json([self.python, self.peers / "sqlite_ai_peer.py", source], 240)
        except (Unavailable, OSError) as failure:
            group.rows.append(Row("sqlite-ai", None, note=f"not available: {failure}"))
            return group
        group.rows.append(Row(
            f"sqlite-ai {found['version']}, as shipped", found["rows_per_second"], "rows/s",
            note=f"{found['rows']} rows of SST-2, {found['model']}, default settings"))
        if found.get("tuned_rows_per_second"):
            group.rows.append(Row(
                "the same with a smaller context and all cores", found["tuned_rows_per_second"], "rows/s",
                note=found["tuned_settings"]))
        if ours:
            best = max(found["rows_per_second"], found.get("tuned_rows_per_second") or 0)
            group.rows.append(Row("sibyl run", ours, "rows/s", note=f"{ours / best:,.0f} times as many"))
        return group
