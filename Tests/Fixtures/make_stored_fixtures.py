#!/usr/bin/env python3
"""Makes Tests/Fixtures/gguf/stored.gguf and stored.safetensors. Needs torch, transformers, gguf, numpy and safetensors.

    python3 Tests/Fixtures/make_stored_fixtures.py

stored.gguf is a tiny Llama whose matrices have all types that are multiplied as they are stored: F16, Q8_0, Q4_0, Q4_K,
Q5_K and Q6_K. Queries, keys and values of a layer differ in type. The bytes are random; the scales of the blocks are set
so that the values have an ordinary spread. stored.safetensors has the logits of transformers, computed in double precision
from the values that gguf-py gives the blocks.
"""

import os

import numpy as np
import torch
from gguf import GGML_QUANT_SIZES, GGUFWriter, GGMLQuantizationType as Type
from gguf.quants import dequantize
from safetensors.numpy import save_file
from transformers import LlamaConfig, LlamaForCausalLM

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gguf")
VOCABULARY, WIDTH, INNER, HEADS, SHARED, HEAD_WIDTH, LAYERS = 32, 256, 32, 4, 2, 8, 2
# The places of the half-precision scales in a block: of the values, and of the minima with the factor that centers them.
PLACES = {"Q8_0": (0,), "Q4_0": (0,), "Q4_K": (0, 2, 7.5), "Q5_K": (0, 2, 15.5), "Q6_K": (208,)}


def matrix(kind, rows, columns, random, spread=0.06):
    """Random blocks of a type: the bytes [rows, bytes of a row] and the values [rows, columns]."""
    if kind == "F16":
        data = (random.standard_normal((rows, columns)) * spread).astype(np.float16)
        return data, data.astype(np.float32)
    size, count = GGML_QUANT_SIZES[Type[kind]]
    data = random.integers(0, 256, (rows * columns // size, count), np.uint8)
    scale, *minimum = PLACES[kind]

    def scales(factor):
        """Sets the scales, a little different in each block."""
        own = factor * (0.75 + 0.5 * random.random((len(data), 1)))
        data[:, scale:scale + 2] = own.astype(np.float16).view(np.uint8)
        if minimum:
            data[:, minimum[0]:minimum[0] + 2] = (own * minimum[1]).astype(np.float16).view(np.uint8)

    scales(1 / 64)
    scales(spread / 64 / dequantize(data, Type[kind]).std())
    data = data.reshape(rows, -1)
    return data, dequantize(data, Type[kind])


def halves(rows, heads):
    """The rows of each head, which lie in rotary pairs, as two halves."""
    return rows.reshape(heads, rows.shape[0] // heads // 2, 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def main():
    torch.set_num_threads(1)
    random = np.random.default_rng(71)
    writer = GGUFWriter(os.path.join(HERE, "stored.gguf"), "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(SHARED)
    writer.add_key_length(HEAD_WIDTH)
    writer.add_value_length(HEAD_WIDTH)
    writer.add_rope_dimension_count(HEAD_WIDTH)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    writer.add_eos_token_id(2)
    state = {}

    def add(name, own, kind, rows, columns, heads=None, spread=0.06):
        data, values = matrix(kind, rows, columns, random, spread)
        writer.add_tensor(name, data, raw_dtype=Type[kind])
        state[own] = torch.tensor(halves(values, heads) if heads else values).double()

    def norm(name, own):
        weight = (1 + 0.1 * random.standard_normal(WIDTH)).astype(np.float32)
        writer.add_tensor(name, weight)
        state[own] = torch.tensor(weight).double()

    add("token_embd.weight", "model.embed_tokens.weight", "Q6_K", VOCABULARY, WIDTH, spread=0.15)
    for layer, (q, k, v, gate, up, out, down) in enumerate((
        ("Q4_K", "Q4_K", "Q6_K", "Q5_K", "Q5_K", "Q8_0", "Q4_0"),
        ("Q8_0", "F16", "Q5_K", "Q4_0", "Q6_K", "Q4_0", "Q8_0"),
    )):
        own, name = f"model.layers.{layer}.", f"blk.{layer}."
        norm(name + "attn_norm.weight", own + "input_layernorm.weight")
        norm(name + "ffn_norm.weight", own + "post_attention_layernorm.weight")
        attention, mlp = own + "self_attn.", own + "mlp."
        add(name + "attn_q.weight", attention + "q_proj.weight", q, HEADS * HEAD_WIDTH, WIDTH, HEADS)
        add(name + "attn_k.weight", attention + "k_proj.weight", k, SHARED * HEAD_WIDTH, WIDTH, SHARED)
        add(name + "attn_v.weight", attention + "v_proj.weight", v, SHARED * HEAD_WIDTH, WIDTH)
        add(name + "attn_output.weight", attention + "o_proj.weight", out, WIDTH, HEADS * HEAD_WIDTH)
        add(name + "ffn_gate.weight", mlp + "gate_proj.weight", gate, INNER, WIDTH)
        add(name + "ffn_up.weight", mlp + "up_proj.weight", up, INNER, WIDTH)
        add(name + "ffn_down.weight", mlp + "down_proj.weight", down, WIDTH, INNER)
    norm("output_norm.weight", "model.norm.weight")
    state["lm_head.weight"] = state["model.embed_tokens.weight"]
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=INNER, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=SHARED, head_dim=HEAD_WIDTH, max_position_embeddings=64,
        rms_norm_eps=1e-5, tie_word_embeddings=True, attn_implementation="eager")).double().eval()
    model.load_state_dict(state)
    ids = random.integers(3, VOCABULARY, 24)
    with torch.no_grad():
        logits = model(torch.tensor(ids)[None]).logits[0]
    path = os.path.join(HERE, "stored.safetensors")
    save_file({"ids": ids.astype(np.int64), "logits": logits.float().numpy()}, path)
    os.chmod(path, 0o644)


if __name__ == "__main__":
    main()
