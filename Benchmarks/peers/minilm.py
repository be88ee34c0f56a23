"""all-MiniLM-L6-v2 as plain numpy: weights from the safetensors file, token ids, the reference forward pass."""

import json
import math
import os
from pathlib import Path

import numpy

LAYERS, HEADS, WIDTH, HEAD_WIDTH = 6, 12, 384, 32
NORM_EPSILON = 1e-12
MAXIMUM_TOKENS = 256
WORK = Path(__file__).resolve().parent / "work"


def model_folder() -> Path:
    """Where `sibyl models pull minilm` puts the model."""
    home = os.environ.get("SIBYL_HOME")
    data = os.environ.get("XDG_DATA_HOME")
    root = Path(home) if home else Path(data) / "sibyl" if data else Path.home() / ".local/share/sibyl"
    folder = root / "models" / "minilm"
    if not (folder / "model.safetensors").is_file():
        raise SystemExit("the model is not installed; install it with: sibyl models pull minilm")
    return folder


def load_weights() -> dict[str, numpy.ndarray]:
    """All float tensors of the file by name (safetensors: header length, JSON header, data)."""
    data = (model_folder() / "model.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    weights = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        start, end = entry["data_offsets"]
        values = numpy.frombuffer(data[8 + length + start : 8 + length + end], dtype="<f4")
        weights[name.removeprefix("bert.")] = values.reshape(entry["shape"])
    return weights


def tokenize(texts: list[str]) -> list[list[int]]:
    """Token ids with [CLS] and [SEP], by the reference tokenizer."""
    from tokenizers import BertWordPieceTokenizer

    tokenizer = BertWordPieceTokenizer(str(model_folder() / "vocab.txt"), lowercase=True)
    tokenizer.enable_truncation(MAXIMUM_TOKENS)
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def pad(rows: list[list[int]]) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Ids and mask of a batch, each [rows, longest], int64."""
    longest = max(len(row) for row in rows)
    ids = numpy.zeros((len(rows), longest), dtype=numpy.int64)
    mask = numpy.zeros_like(ids)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask


def forward(weights: dict[str, numpy.ndarray], row: list[int]) -> numpy.ndarray:
    """Mean-pooled, L2-normalised embedding of one text in float64: what every engine is checked against."""

    def norm(x, prefix):
        x = x - x.mean(-1, keepdims=True)
        x = x / numpy.sqrt((x * x).mean(-1, keepdims=True) + NORM_EPSILON)
        return x * weights[prefix + ".weight"] + weights[prefix + ".bias"]

    def linear(x, prefix):
        return x @ weights[prefix + ".weight"].T.astype(numpy.float64) + weights[prefix + ".bias"]

    count = len(row)
    x = weights["embeddings.word_embeddings.weight"][row].astype(numpy.float64)
    x = x + weights["embeddings.position_embeddings.weight"][:count]
    x = norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    erf = numpy.vectorize(math.erf)
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        q, k, v = (
            linear(x, prefix + f"attention.self.{part}").reshape(count, HEADS, HEAD_WIDTH).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = q @ k.swapaxes(1, 2) / math.sqrt(HEAD_WIDTH)
        scores = numpy.exp(scores - scores.max(-1, keepdims=True))
        context = (scores / scores.sum(-1, keepdims=True) @ v).swapaxes(0, 1).reshape(count, WIDTH)
        x = norm(x + linear(context, prefix + "attention.output.dense"), prefix + "attention.output.LayerNorm")
        inner = linear(x, prefix + "intermediate.dense")
        inner = inner * 0.5 * (1 + erf(inner / math.sqrt(2)))
        x = norm(x + linear(inner, prefix + "output.dense"), prefix + "output.LayerNorm")
    mean = x.mean(0)
    return mean / numpy.linalg.norm(mean)


def reference() -> tuple[list[list[int]], numpy.ndarray]:
    """Token ids and float32 embeddings to check an engine with: the golden file where it is, or else a few
    rows of our own forward pass."""
    from_environment = os.environ.get("SIBYL_SHARED_DATA")
    shared = Path(from_environment) if from_environment else WORK.parents[3] / "shared" / "data"
    golden = shared / "golden" / "minilm_l6_v2.json"
    if golden.is_file():
        rows = json.loads(golden.read_text())
        return [row["tokens"] for row in rows], numpy.array([row["embedding"] for row in rows])
    rows = tokenize([
        "a masterpiece of quiet, patient film-making",
        "I waited three weeks and it arrived broken; nobody answers the telephone.",
        "The parcel came on Tuesday.",
        "",
    ])
    weights = load_weights()
    return rows, numpy.array([forward(weights, row) for row in rows])


def cosines(found: numpy.ndarray, expected: numpy.ndarray) -> dict[str, float]:
    """Mean and worst cosine of the rows of two matrices."""
    found, expected = numpy.asarray(found, dtype=numpy.float64), numpy.asarray(expected, dtype=numpy.float64)
    lengths = numpy.linalg.norm(found, axis=1) * numpy.linalg.norm(expected, axis=1)
    values = (found * expected).sum(1) / lengths
    return {"cosine_mean": float(values.mean()), "cosine_worst": float(values.min())}
