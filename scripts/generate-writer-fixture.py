#!/usr/bin/env python3
"""Writes Tests/InferenceTests/Fixtures/writer.gguf: a tiny decoder with random weights, a tokenizer and a chat
template, which writes nonsense, but always the same.

    Benchmarks/peers/install.sh       # installs gguf and numpy
    Benchmarks/peers/work/venv/bin/python scripts/generate-writer-fixture.py
"""

import pathlib

import gguf
import numpy as np

OUTPUT = pathlib.Path(__file__).parent.parent / "Tests" / "InferenceTests" / "Fixtures" / "writer.gguf"
WIDTH, HEADS, CACHED, HEAD, INNER, LAYERS, CONTEXT = 64, 2, 1, 32, 96, 2, 512
TEMPLATE = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def byte_names():
    """GPT-2's names of the 256 bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + place) for place, byte in enumerate(others)}


def main():
    r = np.random.default_rng(20261121)
    names = byte_names()
    merges = ["t h", "th e", "Ġ t", "Ġ a", "e r", "i n", "o n", "Ġt he", "a n", "r e"]
    tokens = [names[byte] for byte in range(256)] + [merge.replace(" ", "") for merge in merges]
    control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    kinds = [gguf.TokenType.NORMAL] * len(tokens) + [gguf.TokenType.CONTROL] * len(control)
    tokens += control
    writer = gguf.GGUFWriter(str(OUTPUT), "llama")
    writer.add_block_count(LAYERS)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(CACHED)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index("<|im_start|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_chat_template(TEMPLATE)

    def add(name, rows, columns, size=1.0):
        writer.add_tensor(name, (r.standard_normal((rows, columns)) * size / np.sqrt(columns)).astype(np.float16))

    add("token_embd.weight", len(tokens), WIDTH, 4.0)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        writer.add_tensor(block + "attn_norm.weight", np.ones(WIDTH, np.float32))
        writer.add_tensor(block + "ffn_norm.weight", np.ones(WIDTH, np.float32))
        add(block + "attn_q.weight", HEADS * HEAD, WIDTH, 2.0)
        add(block + "attn_k.weight", CACHED * HEAD, WIDTH, 2.0)
        add(block + "attn_v.weight", CACHED * HEAD, WIDTH, 2.0)
        add(block + "attn_output.weight", WIDTH, HEADS * HEAD, 2.0)
        add(block + "ffn_gate.weight", INNER, WIDTH, 2.0)
        add(block + "ffn_up.weight", INNER, WIDTH, 2.0)
        add(block + "ffn_down.weight", WIDTH, INNER, 2.0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


main()
