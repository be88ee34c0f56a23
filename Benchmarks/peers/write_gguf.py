"""Writes all-MiniLM-L6-v2 as GGUF files for llama.cpp: f16, q8_0 and q4_0.

The same names, vocabulary form and metadata as llama.cpp's own conversion of a BERT encoder
(vendor/llama.cpp/conversion/bert.py in the package's source), with numpy alone.
"""

import numpy
from gguf import (
    MODEL_ARCH, GGMLQuantizationType, GGUFWriter, LlamaFileType, PoolingType, TokenType, get_tensor_name_map,
    quants)

from minilm import HEADS, LAYERS, NORM_EPSILON, WIDTH, WORK, load_weights, model_folder

TYPES = {
    "f16": (GGMLQuantizationType.F16, LlamaFileType.MOSTLY_F16),
    "q8_0": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
    "q4_0": (GGMLQuantizationType.Q4_0, LlamaFileType.MOSTLY_Q4_0),
}
SPECIAL = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}


def add_vocabulary(writer: GGUFWriter, words: list[str]) -> None:
    tokens, types = [], []
    for word in words:
        if word in SPECIAL:
            tokens.append(word)
            types.append(TokenType.CONTROL)
            continue
        # Continuations lose their mark; beginnings of words get a phantom space.
        tokens.append(word[2:] if word.startswith("##") else "\u2581" + word)
        types.append(TokenType.NORMAL)
    writer.add_token_type_count(2)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    place = {word: index for index, word in enumerate(words)}
    writer.add_unk_token_id(place["[UNK]"])
    writer.add_sep_token_id(place["[SEP]"])
    writer.add_pad_token_id(place["[PAD]"])
    writer.add_mask_token_id(place["[MASK]"])
    writer.add_bos_token_id(place["[CLS]"])
    writer.add_eos_token_id(place["[SEP]"])
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)


def write(name: str, weights: dict[str, numpy.ndarray], words: list[str]) -> None:
    matrix_type, file_type = TYPES[name]
    path = WORK / f"minilm-{name}.gguf"
    writer = GGUFWriter(str(path), "bert")
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_block_count(LAYERS)
    writer.add_context_length(512)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(4 * WIDTH)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(NORM_EPSILON)
    writer.add_causal_attention(False)
    writer.add_pooling_type(PoolingType.MEAN)
    writer.add_file_type(file_type)
    add_vocabulary(writer, words)
    names = get_tensor_name_map(MODEL_ARCH.BERT, LAYERS)
    for source, values in weights.items():
        if source.startswith("pooler."):
            continue
        target = names.get_name(source, try_suffixes=(".weight", ".bias"))
        if target is None:
            raise SystemExit(f"{source} has no name in GGUF")
        if values.ndim == 1 or "position" in source or "token_type" in source:
            writer.add_tensor(target, numpy.ascontiguousarray(values))
        else:
            # The table of words is looked up, not multiplied: at least 8 bits, as llama.cpp's tools keep it.
            is_table = "word_embeddings" in source
            kind = GGMLQuantizationType.Q8_0 if is_table and name == "q4_0" else matrix_type
            writer.add_tensor(target, quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB")


def main():
    weights = load_weights()
    words = (model_folder() / "vocab.txt").read_text(encoding="utf-8").splitlines()
    for name in TYPES:
        write(name, weights, words)


if __name__ == "__main__":
    main()
