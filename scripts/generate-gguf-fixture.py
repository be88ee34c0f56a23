#!/usr/bin/env python3
"""Writes Tests/ModelFilesTests/Fixtures/types.gguf: tensors of every type with the floats that they stand for.

    python3 -m venv venv && venv/bin/pip install gguf==0.19.0
    venv/bin/python scripts/generate-gguf-fixture.py

For each type that Sibyl reads the file holds `blocks.TYPE`, 2 rows of 512 (F16: all kinds of halves), and
`floats.TYPE`, the same as F32, computed by the reference implementation. It also holds metadata of every kind.
"""

import pathlib

import gguf
import numpy as np
from gguf import GGMLQuantizationType as T

OUTPUT = pathlib.Path(__file__).parent.parent / "Tests" / "ModelFilesTests" / "Fixtures" / "types.gguf"
r = np.random.default_rng(20240301)

writer = gguf.GGUFWriter(str(OUTPUT), "llama")
writer.add_name("Typen, tipos, 类型")
writer.add_uint8("test.uint8", 200)
writer.add_int8("test.int8", -100)
writer.add_uint16("test.uint16", 60000)
writer.add_int16("test.int16", -30000)
writer.add_uint32("test.uint32", 4000000000)
writer.add_int32("test.int32", -2000000000)
writer.add_uint64("test.uint64", 2**64 - 1)
writer.add_int64("test.int64", -(2**63))
writer.add_float32("test.float32", 0.1)
writer.add_float64("test.float64", 0.1)
writer.add_bool("test.true", True)
writer.add_bool("test.false", False)
writer.add_array("test.texts", ["", "a", "Ġthe", "语言"])
writer.add_array("test.integers", [3, 1, -4])
writer.add_array("test.floats", [0.5, -0.25, 1e-3])
writer.add_array("test.booleans", [True, False, True])

SHAPE = (2, 512)
weights = (r.standard_normal(SHAPE) * r.choice([0.02, 1, 300], SHAPE[1])).astype(np.float32)


def scales(count):
    """Halves as they come in scales, a few of them negative, subnormal or zero."""
    usual = r.uniform(-0.1, 0.1, count)
    odd = r.choice([0, -0.0, 6e-8, -5e-5, 65504, 1], count)
    return np.where(r.random(count) < 0.7, usual, odd).astype(np.float16)


def random_blocks(kind, scale_offsets):
    """Blocks of random bytes, but for the scales, which must be finite."""
    size, byte_count = gguf.GGML_QUANT_SIZES[kind]
    count = SHAPE[0] * SHAPE[1] // size
    blocks = r.integers(0, 256, (count, byte_count), dtype=np.uint8)
    for offset in scale_offsets:
        blocks[:, offset : offset + 2] = scales(count).view(np.uint8).reshape(count, 2)
    return blocks.reshape(SHAPE[0], -1)


def add(kind, blocks):
    floats = gguf.quants.dequantize(blocks, kind).astype(np.float32).reshape(SHAPE)
    assert np.isfinite(floats).all()
    writer.add_tensor(f"blocks.{kind.name}", blocks, raw_dtype=kind)
    writer.add_tensor(f"floats.{kind.name}", floats)


writer.add_tensor("blocks.F32", weights)
writer.add_tensor("floats.F32", weights)
halves = r.integers(0, 0x7C00, SHAPE, dtype=np.uint16) | (r.integers(0, 2, SHAPE, dtype=np.uint16) << 15)
halves[0, :40] = np.arange(40)
writer.add_tensor("blocks.F16", halves.view(np.float16))
writer.add_tensor("floats.F16", halves.view(np.float16).astype(np.float32))
add(T.BF16, gguf.quants.quantize(weights, T.BF16))
# One row as the reference quantises weights, one of random blocks.
for kind, offsets in ((T.Q8_0, [0]), (T.Q4_0, [0]), (T.Q4_1, [0, 2]), (T.Q5_0, [0]), (T.Q5_1, [0, 2])):
    blocks = random_blocks(kind, offsets)
    blocks[0] = gguf.quants.quantize(weights, kind)[0]
    add(kind, blocks)
for kind, offsets in ((T.Q4_K, [0, 2]), (T.Q5_K, [0, 2]), (T.Q6_K, [208])):
    add(kind, random_blocks(kind, offsets))
# One that Sibyl names but does not read.
writer.add_tensor("blocks.IQ4_XS", random_blocks(T.IQ4_XS, [0]), raw_dtype=T.IQ4_XS)

writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
print(OUTPUT, OUTPUT.stat().st_size, "bytes")
