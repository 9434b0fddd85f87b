#!/usr/bin/env python3
"""Makes files of Tests/Fixtures/gguf. Needs numpy, gguf and safetensors; the output is the same at every run.

    python3 Tests/Fixtures/make_gguf_fixtures.py

models/NAME.gguf: the model Tests/Fixtures/models/NAME as llama.cpp's converter writes it, in f32, its tensors named by
gguf-py's own table. After make_fixtures.py, make_causal_fixtures.py, make_encdec_fixtures.py and make_label_fixtures.py.

types.gguf: blocks of every tensor type that is read, with the values that gguf-py gives them. `TYPE` holds the blocks [rows, columns], `TYPE.values` the same in f32. The bytes are random; blocks whose values are not
all finite and below 10,000 are drawn again. `F16.edges` and `BF16.edges` have zeros, subnormals, the largest, infinities.
"""

import json
import math
import os

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGML_QUANT_SIZES, MODEL_ARCH, GGUFWriter, PoolingType, RopeScalingType, get_tensor_name_map
from gguf.quants import dequantize
from safetensors.numpy import load_file

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gguf")
BLOCKED = "Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS MXFP4".split()
DECODERS = ("llama", "qwen2", "qwen3", "gemma2", "gemma3_text", "phi3", "gpt_neox")
ENCODERS = ("bert", "roberta", "distilbert")
# `general.architecture`, where it differs from `model_type`.
ARCHITECTURES = {"gpt_neox": "gptneox", "gemma3_text": "gemma3", "umt5": "t5", "roberta": "bert", "distilbert": "bert"}
EDGES = {
    "F16": [0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x7BFF, 0x7C00, 0xFC00],
    "BF16": [0x0000, 0x8000, 0x0001, 0x807F, 0x0080, 0x7F7F, 0x7F80, 0xFF80],
}


def blocks(kind, count, random):
    """`count` blocks of random bytes with ordinary values. [count, bytes of a block]"""
    found = np.empty((0, GGML_QUANT_SIZES[kind][1]), np.uint8)
    while len(found) < count:
        drawn = random.integers(0, 256, (4096, found.shape[1]), np.uint8)
        with np.errstate(all="ignore"):
            values = dequantize(drawn, kind)
            usual = (np.isfinite(values) & (np.abs(values) < 10_000)).all(axis=1)
        found = np.concatenate([found, drawn[usual]])
    return found[:count]


def in_pairs(rows, heads):
    """Interleaves the rows of the two halves of each head."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def metadata(writer, kind, config):
    """The metadata that llama.cpp's converter writes for a configuration."""
    if kind == "gpt2":
        writer.add_context_length(config["n_positions"])
        writer.add_embedding_length(config["n_embd"])
        writer.add_block_count(config["n_layer"])
        writer.add_feed_forward_length(config.get("n_inner") or 4 * config["n_embd"])
        writer.add_head_count(config["n_head"])
        writer.add_layer_norm_eps(config.get("layer_norm_epsilon", 1e-5))
    elif kind in ENCODERS or kind in DECODERS:
        first = padding(config) + 1 if kind == "roberta" else 0
        writer.add_context_length(config["max_position_embeddings"] - first)
        writer.add_embedding_length(config.get("hidden_size") or config["dim"])
        writer.add_block_count(config.get("num_hidden_layers") or config["n_layers"])
        writer.add_feed_forward_length(config.get("intermediate_size") or config["hidden_dim"])
        writer.add_head_count(config.get("num_attention_heads") or config["n_heads"])
        if kind in ENCODERS:
            writer.add_layer_norm_eps(config.get("layer_norm_eps", 1e-12))
            writer.add_causal_attention(False)
            if "id2label" in config:
                writer.add_pooling_type(PoolingType.RANK)
                writer.add_classifier_output_labels(list(config["id2label"].values()))
            return
        if kind == "gpt_neox":
            width = config["hidden_size"] // config["num_attention_heads"]
            writer.add_rope_dimension_count(int(config.get("rotary_pct", 0.25) * width))
            writer.add_parallel_residual(config.get("use_parallel_residual", True))
            writer.add_layer_norm_eps(config.get("layer_norm_eps", 1e-5))
            if "rotary_emb_base" in config:
                writer.add_rope_freq_base(config["rotary_emb_base"])
            return
        writer.add_head_count_kv(config["num_key_value_heads"])
        writer.add_layer_norm_rms_eps(config.get("rms_norm_eps", 1e-5 if kind == "phi3" else 1e-6))
        width = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
        writer.add_rope_dimension_count(int(width * config.get("partial_rotary_factor", 1)))
        if "head_dim" in config:
            writer.add_key_length(width)
            writer.add_value_length(width)
        positions(writer, config, width)
        if config.get("sliding_window"):
            writer.add_sliding_window(config["sliding_window"])
        if "layer_types" in config:
            writer.add_sliding_window_pattern([kind.startswith("sliding") for kind in config["layer_types"]])
        if kind == "gemma2":
            writer.add_attn_logit_softcapping(config.get("attn_logit_softcapping", 50.0))
            writer.add_final_logit_softcapping(config.get("final_logit_softcapping", 30.0))
        writer.add_vocab_size(config["vocab_size"])
    else:
        writer.add_context_length(512)
        writer.add_embedding_length(config["d_model"])
        writer.add_feed_forward_length(config["d_ff"])
        writer.add_block_count(config["num_layers"])
        writer.add_decoder_block_count(config.get("num_decoder_layers", config["num_layers"]))
        writer.add_head_count(config["num_heads"])
        writer.add_key_length(config["d_kv"])
        writer.add_value_length(config["d_kv"])
        writer.add_layer_norm_eps(config.get("layer_norm_epsilon", 1e-6))
        writer.add_layer_norm_rms_eps(config.get("layer_norm_epsilon", 1e-6))
        writer.add_relative_attn_buckets_count(config.get("relative_attention_num_buckets", 32))
        writer.add_decoder_start_token_id(config.get("decoder_start_token_id", 0))


def padding(config):
    return config.get("pad_token_id", 1)


def positions(writer, config, width):
    """Base and scaling of the rotary positions."""
    outer = config.get("rope_scaling") or config.get("rope_parameters") or {}
    rope = outer.get("full_attention", outer)
    base = rope.get("rope_theta", config.get("rope_theta"))
    if base:
        writer.add_rope_freq_base(base)
    scaling = rope.get("rope_type", rope.get("type", "default"))
    length = config.get("original_max_position_embeddings", rope.get("original_max_position_embeddings"))
    if scaling in ("linear", "yarn"):
        writer.add_rope_scaling_type(RopeScalingType(scaling))
        writer.add_rope_scaling_factor(rope["factor"])
    if scaling in ("yarn", "longrope"):
        writer.add_rope_scaling_orig_ctx_len(length)
    if scaling == "longrope":
        factor = config["max_position_embeddings"] / length
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(factor) / math.log(length)))
        for name in ("long", "short"):
            writer.add_tensor(f"rope_factors_{name}.weight", np.array(rope[name + "_factor"], np.float32))
    if scaling == "llama3":
        low, high, length = rope["low_freq_factor"], rope["high_freq_factor"], rope["original_max_position_embeddings"]
        waves = 2 * math.pi * base ** (np.arange(0, width, 2) / width)
        share = (length / waves - low) / (high - low)
        mixed = 1 / ((1 - share) / rope["factor"] + share)
        factors = np.where(waves < length / high, 1, np.where(waves > length / low, rope["factor"], mixed))
        writer.add_tensor("rope_freqs.weight", factors.astype(np.float32))


def model(name):
    folder = os.path.join(HERE, "..", "models", name)
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    kind = config["model_type"]
    own_kind = ARCHITECTURES.get(kind, kind)
    writer = GGUFWriter(os.path.join(HERE, "models", name + ".gguf"), own_kind)
    metadata(writer, kind, config)
    writer.add_eos_token_id(2)
    keys = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_decoder_layers")
    layers = max(config.get(key, 0) for key in keys)
    table = get_tensor_name_map(getattr(MODEL_ARCH, own_kind.upper()), layers)
    weights = load_file(os.path.join(folder, "model.safetensors"))
    tied = "lm_head.weight" if kind == "gpt2" and config.get("tie_word_embeddings", True) else None
    if kind in ("t5", "umt5") and "shared.weight" in weights:
        # The converter writes the shared embedding once.
        weights = {k: v for k, v in weights.items() if not k.endswith("embed_tokens.weight")}
    if name == "t5":
        # The oldest checkpoints have this table, which no implementation uses.
        table_name = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
        weights[table_name] = np.full_like(weights[table_name.replace("1.EncDec", "0.Self")], 7)
    for key, value in sorted(weights.items()):
        left_out = (".attn.bias", ".attention.bias", "inv_freq", "position_ids", "pooler.dense.weight", "pooler.dense.bias")
        if key == tied or key.startswith("cls.") or key.endswith(left_out):
            continue
        stem, suffix = key.rsplit(".", 1)
        for prefix in ENCODERS:
            stem = stem.removeprefix(prefix + ".")
        if kind in ENCODERS and stem == "classifier":
            stem = "classifier.out_proj"
        own = table.get_name(stem) or table.get_name("transformer." + stem)
        assert own, key
        if kind == "roberta" and stem == "embeddings.position_embeddings":
            value = value[padding(config) + 1 :]
        if stem.endswith("query_key_value"):
            heads = config["num_attention_heads"]
            value = value.reshape(heads, 3, -1, *value.shape[1:]).swapaxes(0, 1).reshape(value.shape)
        if kind == "gpt2" and stem.endswith(("c_attn", "c_proj", "c_fc")) and suffix == "weight":
            value = value.T
        if kind.startswith("gemma") and stem.endswith("norm"):
            value = np.float32(value) + np.float32(1)
        if kind == "llama" and stem.endswith(("q_proj", "k_proj")):
            value = in_pairs(value, config["num_attention_heads" if stem.endswith("q_proj") else "num_key_value_heads"])
        writer.add_tensor(f"{own}.{suffix}", np.ascontiguousarray(value, np.float32))
    finish(writer)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


MODELS = (
    "gpt2 gpt2-untied llama llama-wide llama-scaled llama-yarn bert t5 t5-v1.1 qwen2 qwen3 gemma2 gemma3 phi3 phi3-long "
    "gpt-neox gpt-neox-serial umt5 bert-texts roberta-texts distilbert-texts"
).split()


def main():
    os.makedirs(os.path.join(HERE, "models"), exist_ok=True)
    for name in MODELS:
        model(name)
    random = np.random.default_rng(61)
    writer = GGUFWriter(os.path.join(HERE, "types.gguf"), "test")
    for name in BLOCKED:
        kind = Type[name]
        size = GGML_QUANT_SIZES[kind][0]
        rows, across = (3, 2) if size == 32 else (2, 1)
        data = blocks(kind, rows * across, random).reshape(rows, -1)
        writer.add_tensor(name, data, raw_dtype=kind)
        writer.add_tensor(name + ".values", dequantize(data, kind))
    for name, bits in EDGES.items():
        data = np.array(bits, np.uint16)
        writer.add_tensor(name + ".edges", data.view(np.uint8), raw_dtype=Type[name])
        wide = (data.astype(np.uint32) << 16).view(np.float32)
        values = data.view(np.float16).astype(np.float32) if name == "F16" else wide
        writer.add_tensor(name + ".edges.values", values)
    finish(writer)


if __name__ == "__main__":
    main()
