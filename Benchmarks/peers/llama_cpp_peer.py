"""llama.cpp, built natively from the source in the PyPI package llama-cpp-python, through that package's own
bindings of its C interface: the forward pass over packed sequences, mean pooling."""

import os
import sys
import types

import numpy

from minilm import MAXIMUM_TOKENS, WORK
from peer import arguments, measure

SOURCE = WORK / "llama_cpp_python"
MAXIMUM_SEQUENCES = 128


def bindings():
    """The package's module of C bindings, without its high-level part (which needs more packages)."""
    os.environ["LLAMA_CPP_LIB_PATH"] = str(WORK / "llama.cpp" / "bin")
    package = types.ModuleType("llama_cpp")
    package.__path__ = [str(SOURCE / "llama_cpp")]
    sys.modules["llama_cpp"] = package
    from llama_cpp import llama_cpp

    return llama_cpp


def cut(rows, limit):
    """Batches of at most `limit` tokens, of like length; a longer text is alone."""
    batches, tokens = [], limit
    for row in sorted(rows, key=len):
        if tokens + len(row) > limit or len(batches[-1]) == MAXIMUM_SEQUENCES:
            batches.append([])
            tokens = 0
        batches[-1].append(row)
        tokens += len(row)
    return batches


def main():
    options = arguments(["f16", "q8_0", "q4_0"])
    api = bindings()
    quiet = api.llama_log_callback(lambda level, text, data: None)
    api.llama_log_set(quiet, None)
    api.llama_backend_init()
    path = WORK / f"minilm-{options.variant}.gguf"
    model = api.llama_model_load_from_file(str(path).encode(), api.llama_model_default_params())
    if not model:
        raise SystemExit(f"llama.cpp can't load {path.name}")

    contexts = {}

    def context(tokens):
        # One micro-batch a pass: what is not causal can't be cut. A context of each size that occurs.
        size = next(size for size in (64, 128, 256, 512, 1024, 2048) if size >= tokens)
        if size not in contexts:
            settings = api.llama_context_default_params()
            settings.n_ctx = settings.n_batch = settings.n_ubatch = size
            settings.n_seq_max = min(MAXIMUM_SEQUENCES, size)
            settings.n_threads = settings.n_threads_batch = options.cores
            settings.embeddings = True
            settings.pooling_type = api.LLAMA_POOLING_TYPE_MEAN
            settings.kv_unified = True
            contexts[size] = api.llama_init_from_model(model, settings)
            if not contexts[size]:
                raise SystemExit(f"llama.cpp can't make a context of {size} tokens")
        return contexts[size]

    width = api.llama_model_n_embd(model)

    def prepare(rows):
        count = sum(len(row) for row in rows)
        batch = api.llama_batch_init(count, 0, 1)
        batch.n_tokens = count
        index = 0
        for sequence, row in enumerate(rows):
            for position, token in enumerate(row):
                batch.token[index] = token
                batch.pos[index] = position
                batch.n_seq_id[index] = 1
                batch.seq_id[index][0] = sequence
                batch.logits[index] = 1
                index += 1
        return batch, len(rows)

    def run(prepared):
        batch, rows = prepared
        target = context(batch.n_tokens)
        status = api.llama_encode(target, batch)
        if status != 0:
            raise SystemExit(f"llama_encode answered {status}")
        answers = numpy.empty((rows, width), dtype=numpy.float32)
        for row in range(rows):
            values = api.llama_get_embeddings_seq(target, row)
            answers[row] = numpy.ctypeslib.as_array(values, shape=(width,))
        return answers

    assert MAXIMUM_TOKENS <= 2048
    version = (SOURCE / "VERSION").read_text().strip() if (SOURCE / "VERSION").is_file() else "0.3.36"
    measure(options, f"llama.cpp of llama-cpp-python {version}", [64, 128, 256, 512], prepare, run, cut)


if __name__ == "__main__":
    main()
