#!/usr/bin/env python3
"""Makes Tests/Fixtures/layers: reference values of PyTorch for attention of every shape, and of transformers for
rotary positions and ALiBi slopes. Needs torch, transformers 5.24 and safetensors; the output is the same in every run.

    python3 Tests/Fixtures/make_layer_fixtures.py

attention.json:        the cases' shapes.
attention.safetensors: `N.out` of case N [rows, heads * width]; its queries, keys and values are the first columns of `q`,
                       `k` and `v`. `rotary.*`: x, positions, and x rotated. `slopes.N` for N heads.
"""

import json
import os
import shutil

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.gptj.modeling_gptj import apply_rotary_pos_emb as rotate_interleaved
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers")
POSITIONS = 21


def slopes(heads):
    """The slopes of BLOOM, whose tensor is slope times position, at position 1."""
    return build_alibi_tensor(torch.ones(1, 2), heads, torch.float64)[:, 0, 1]


def attention(case, q, k, v):
    """Attention by its formula, in double precision. [rows, heads * width]"""
    heads, shared, width = case["query_heads"], case["key_heads"], case["width"]
    split = lambda x, n: x.double()[:, : n * width].reshape(POSITIONS, n, width).transpose(0, 1)
    repeat = lambda x: split(x, shared).repeat_interleave(heads // shared, 0)
    scores = split(q, heads) @ repeat(k).transpose(1, 2) * case["scale"]
    if case.get("soft_cap"):
        scores = case["soft_cap"] * torch.tanh(scores / case["soft_cap"])
    distance = torch.arange(POSITIONS)[None, :] - torch.arange(POSITIONS)[:, None]
    if case.get("alibi"):
        scores = scores + slopes(heads)[:, None, None] * distance
    seen = torch.ones(POSITIONS, POSITIONS, dtype=torch.bool)
    if case["causal"]:
        seen &= distance <= 0
    if case.get("window"):
        seen &= distance.abs() < case["window"]
    out = scores.masked_fill(~seen, float("-inf")).softmax(-1) @ repeat(v)
    return out.transpose(0, 1).reshape(POSITIONS, heads * width).float().contiguous()


def rotary(name, width, base, positions, generator):
    """Heads with each pairing: halves as in Llama, interleaved as in GPT-J, and halves of a part as in GPT-NeoX."""
    config = LlamaConfig(head_dim=width, rope_parameters={"rope_type": "default", "rope_theta": base})
    embedding = LlamaRotaryEmbedding(config)
    x = torch.randn(1, 3, len(positions), width, generator=generator)
    ids = torch.tensor(positions)[None]
    cos, sin = embedding(x.double(), ids)
    halves = apply_rotary_pos_emb(x.double(), x.double(), cos, sin)[0]
    half = width // 2
    interleaved = rotate_interleaved(x.double().transpose(1, 2), sin[..., :half], cos[..., :half]).transpose(1, 2)
    rows = lambda t: t[0].transpose(0, 1).reshape(len(positions), 3 * width).float().contiguous()
    return {
        f"rotary.{name}.positions": torch.tensor(positions, dtype=torch.float32),
        f"rotary.{name}.frequencies": embedding.inv_freq,
        f"rotary.{name}.x": rows(x),
        f"rotary.{name}.halves": rows(halves),
        f"rotary.{name}.interleaved": rows(interleaved),
    }


def main():
    shutil.rmtree(HERE, ignore_errors=True)
    os.makedirs(HERE)
    generator = torch.Generator().manual_seed(14)
    cases = []
    for heads, shared, width in ((1, 1, 16), (4, 2, 20), (6, 1, 8), (4, 4, 12)):
        for more in (
            {},
            {"window": 5},
            {"window": 16},
            {"window": 100},
            {"soft_cap": 1.5},
            {"window": 7, "soft_cap": 0.5},
            {"alibi": True},
            {"alibi": True, "window": 9},
        ):
            for causal in (True, False) if not more.get("alibi") else (True,):
                cases.append(
                    {"query_heads": heads, "key_heads": shared, "width": width, "scale": 0.3, "causal": causal} | more
                )
    q, k, v = (torch.randn(POSITIONS, 80, generator=generator) for _ in range(3))
    tensors = {"q": q, "k": k, "v": v}
    tensors |= {f"{index}.out": attention(case, q, k, v) for index, case in enumerate(cases)}
    tensors |= rotary("10000", 20, 10000.0, [0, 1, 2, 3, 17, 100, 400, 1023], generator)
    tensors |= rotary("500000", 64, 500000.0, list(range(0, 2000, 97)), generator)
    tensors |= {f"slopes.{heads}": slopes(heads).float() for heads in (1, 2, 3, 6, 8, 12, 16, 25)}
    save_file(tensors, f"{HERE}/attention.safetensors")
    with open(f"{HERE}/attention.json", "w") as file:
        json.dump(cases, file, indent=0)


if __name__ == "__main__":
    main()
