#!/usr/bin/env python3
"""Writes the decoder's fixtures in Tests/ModelsTests/Fixtures: tiny models of each architecture with random
weights (decoder-NAME.gguf), and what llama.cpp computes from them and from SmolLM2 (decoder-reference.json).

    python3 -m venv venv && venv/bin/pip install gguf==0.19.0
    venv/bin/python scripts/generate-decoder-fixture.py LLAMA_CPP_LIBRARIES LLAMA_CPP_PYTHON SMOLLM2

LLAMA_CPP_LIBRARIES is the folder of libllama.so, LLAMA_CPP_PYTHON that of the unpacked source of the PyPI package
llama-cpp-python (`make bench` builds both), SMOLLM2 the installed SmolLM2-135M-Instruct.Q4_1.gguf. llama.cpp
reads copies in which every weight is a float of the same value, so that it rounds nothing.
"""

import ctypes
import json
import os
import pathlib
import sys
import tempfile
import types

import gguf
import numpy as np
from gguf import GGMLQuantizationType as T

LIBRARIES, SOURCE, SMOLLM2 = sys.argv[1:4]
OUTPUT = pathlib.Path(__file__).parent.parent / "Tests" / "ModelsTests" / "Fixtures"
OUTPUT.mkdir(parents=True, exist_ok=True)
TOKENS = 44

os.environ["LLAMA_CPP_LIB_PATH"] = LIBRARIES
package = types.ModuleType("llama_cpp")
package.__path__ = [SOURCE + "/llama_cpp"]
sys.modules["llama_cpp"] = package
from llama_cpp import llama_cpp as api  # noqa: E402

quiet = api.llama_log_callback(lambda level, text, data: None)
api.llama_log_set(quiet, None)
api.llama_backend_init()


class Oracle:
    """llama.cpp with floats for keys and values, one thread."""

    def __init__(self, path):
        self.model = api.llama_model_load_from_file(str(path).encode(), api.llama_model_default_params())
        assert self.model, path
        settings = api.llama_context_default_params()
        settings.n_ctx = settings.n_batch = settings.n_ubatch = 512
        settings.n_threads = settings.n_threads_batch = 1
        settings.type_k = settings.type_v = 0
        settings.flash_attn_type = 0
        self.context = api.llama_init_from_model(self.model, settings)
        assert self.context
        self.vocabulary = api.llama_model_get_vocab(self.model)
        self.size = api.llama_vocab_n_tokens(self.vocabulary)

    def tokens(self, text):
        room = (api.llama_token * 1024)()
        count = api.llama_tokenize(self.vocabulary, text, len(text), room, 1024, False, True)
        assert count >= 0
        return list(room[:count])

    def logits(self, ids):
        """Those after every token."""
        api.llama_memory_clear(api.llama_get_memory(self.context), True)
        batch = api.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for index, token in enumerate(ids):
            batch.token[index], batch.pos[index], batch.logits[index] = token, index, 1
            batch.n_seq_id[index], batch.seq_id[index][0] = 1, 0
        assert api.llama_decode(self.context, batch) == 0
        api.llama_batch_free(batch)
        values = api.llama_get_logits(self.context)
        return np.ctypeslib.as_array(values, shape=(len(ids), self.size)).copy()


# What differs: the element type of matrices, the shape, positions, biases, norms, a separate output.
MODELS = {
    "llama": dict(
        architecture="llama", kind=T.Q4_1, width=64, heads=4, cached=2, head=32, inner=96, vocabulary=100,
        factors=True),
    "llama-linear": dict(
        architecture="llama", kind=T.Q8_0, width=64, heads=2, cached=2, head=32, inner=64, vocabulary=72,
        scaling="linear", separate=True),
    "qwen2": dict(
        architecture="qwen2", kind=T.F16, width=64, heads=2, cached=1, head=32, inner=64, vocabulary=64,
        biases=True, separate=True),
    "qwen3": dict(
        architecture="qwen3", kind=T.Q5_0, width=64, heads=4, cached=1, head=64, inner=96, vocabulary=96,
        norms=True, scaling="yarn"),
}


def write(path, name, floats):
    model = MODELS[name]
    r = np.random.default_rng(20240302)
    writer = gguf.GGUFWriter(str(path), model["architecture"])
    writer.add_block_count(2)
    writer.add_context_length(256)
    writer.add_embedding_length(model["width"])
    writer.add_feed_forward_length(model["inner"])
    writer.add_head_count(model["heads"])
    writer.add_head_count_kv(model["cached"])
    writer.add_key_length(model["head"])
    writer.add_value_length(model["head"])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(model["head"])
    writer.add_rope_freq_base(1000.0)
    writer.add_vocab_size(model["vocabulary"])
    writer.add_tokenizer_model("none")
    if "scaling" in model:
        writer.add_rope_scaling_type(gguf.RopeScalingType(model["scaling"]))
        writer.add_rope_scaling_factor(4.0)
        writer.add_rope_scaling_orig_ctx_len(64)

    def add(name, rows, columns, kind=model["kind"], size=1.0):
        values = (r.standard_normal((rows, columns)) * size / np.sqrt(columns)).astype(np.float32)
        data = gguf.quants.quantize(values, kind)
        if floats:
            writer.add_tensor(name, gguf.quants.dequantize(data, kind).astype(np.float32))
        else:
            writer.add_tensor(name, data, raw_dtype=kind)

    def vector(name, size, mean, spread):
        writer.add_tensor(name, (mean + spread * r.standard_normal(size)).astype(np.float32))

    width, head = model["width"], model["head"]
    queries, keys = model["heads"] * head, model["cached"] * head
    add("token_embd.weight", model["vocabulary"], width, size=4.0)
    vector("output_norm.weight", width, 1, 0.2)
    if model.get("separate"):
        add("output.weight", model["vocabulary"], width, size=2.0)
    if model.get("factors"):
        writer.add_tensor("rope_freqs.weight", np.linspace(1, 8, head // 2).astype(np.float32))
    for layer in range(2):
        block = f"blk.{layer}."
        vector(block + "attn_norm.weight", width, 1, 0.2)
        vector(block + "ffn_norm.weight", width, 1, 0.2)
        for part, outputs, inputs in (
            ("attn_q", queries, width), ("attn_k", keys, width), ("attn_v", keys, width),
            ("attn_output", width, queries), ("ffn_gate", model["inner"], width),
            ("ffn_up", model["inner"], width), ("ffn_down", width, model["inner"])):
            add(f"{block}{part}.weight", outputs, inputs, size=2.0)
            if model.get("biases") and part in ("attn_q", "attn_k", "attn_v"):
                vector(f"{block}{part}.bias", outputs, 0, 1)
        if model.get("norms"):
            vector(block + "attn_q_norm.weight", head, 1, 0.2)
            vector(block + "attn_k_norm.weight", head, 1, 0.2)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def rounded(values):
    return [float(f"{value:.7g}") for value in values]


reference = {"models": [], "smollm2": []}
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    for name, model in MODELS.items():
        write(OUTPUT / f"decoder-{name}.gguf", name, floats=False)
        write(folder / f"{name}.gguf", name, floats=True)
        ids = np.random.default_rng(7).integers(0, model["vocabulary"], TOKENS).tolist()
        logits = Oracle(folder / f"{name}.gguf").logits(ids)
        rows = [0, 1, 20, TOKENS - 1]
        reference["models"].append(
            {"name": name, "tokens": ids, "rows": [{"row": i, "logits": rounded(logits[i])} for i in rows]})

    settings = api.llama_model_quantize_default_params()
    settings.ftype, settings.allow_requantize, settings.pure = 0, True, True
    floats = folder / "smollm2.gguf"
    assert api.llama_model_quantize(SMOLLM2.encode(), str(floats).encode(), ctypes.byref(settings)) == 0
    oracle = Oracle(floats)
    for text in (
        "The capital of France is",
        "<|im_start|>user\nWrite a haiku about the sea.<|im_end|>\n<|im_start|>assistant\n",
        "def fibonacci(n):\n    if n < 2:\n        return n\n",
        "Die Hauptstadt von Österreich ist",
    ):
        ids = oracle.tokens(text.encode())
        logits = oracle.logits(ids)
        best = np.argsort(-logits[-1])[:8]
        written = list(ids)
        for _ in range(16):
            written.append(int(oracle.logits(written)[-1].argmax()))
        reference["smollm2"].append(
            {
                "text": text, "tokens": ids, "continuation": written[len(ids):],
                "likeliest": [int(i) for i in best], "logits": rounded(logits[-1][best]),
                "each": [int(i) for i in logits.argmax(1)],
            })
(OUTPUT / "decoder-reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
