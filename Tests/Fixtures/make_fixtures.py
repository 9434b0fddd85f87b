#!/usr/bin/env python3
"""Makes Tests/Fixtures/models: tiny checkpoints with random weights, and the reference values of transformers.

Each folder is a model in Hugging Face layout, with `reference.safetensors` beside the weights: the input ids, the
logits and the hidden states by transformers' names, computed from the written files, in double precision where the
model supports it. `configuration-keys.json` has the attributes of the configuration classes. Needs torch, transformers
5.24 and safetensors; the output is the same in every run.

    python3 Tests/Fixtures/make_fixtures.py
"""

import json
import os
import re
import shutil
import zlib

import torch
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)
from transformers.cache_utils import DynamicCache, EncoderDecoderCache
from transformers.models.t5.modeling_t5 import T5Attention

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models")
CLASSES = {
    "gpt2": (GPT2Config, GPT2LMHeadModel),
    "bert": (BertConfig, BertForMaskedLM),
    "llama": (LlamaConfig, LlamaForCausalLM),
    "t5": (T5Config, T5ForConditionalGeneration),
}


def random_weights(name, config):
    """A state dict in f32, seeded by the folder's name. Norm weights are near one, and matrices preserve the magnitude of their input."""
    config_class, model_class = CLASSES[config["model_type"]]
    model = model_class(config_class(**config))
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    embeddings = r"(wte|wpe|embeddings|shared|embed_tokens|lm_head|decoder|relative_attention_bias)\.weight$"
    state = {}
    for key, value in model.state_dict().items():
        noise = torch.randn(value.shape, generator=generator)
        if re.search(r"(ln_\w+|LayerNorm|layer_norm|layernorm|layernorm_embedding|model\.norm)\.weight$", key):
            state[key] = 1 + 0.2 * noise
        elif value.dim() < 2:
            state[key] = 0.2 * noise
        elif re.search(embeddings, key):
            state[key] = 0.7 * noise
        else:
            state[key] = noise * value.shape[0 if config["model_type"] == "gpt2" else 1] ** -0.5
    return state


def write_weights(folder, state, shards):
    """Writes one file, or several with the list of shards."""
    if shards == 1:
        save_file(state, f"{folder}/model.safetensors", metadata={"format": "pt"})
        return
    names, weight_map = sorted(state), {}
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        part = {key: state[key] for key in names[shard::shards]}
        save_file(part, f"{folder}/{file}", metadata={"format": "pt"})
        weight_map.update({key: file for key in part})
    total = sum(value.numel() * value.element_size() for value in state.values())
    with open(f"{folder}/model.safetensors.index.json", "w") as file:
        json.dump({"metadata": {"total_size": total}, "weight_map": weight_map}, file, indent=1, sort_keys=True)


class RoundedCache(DynamicCache):
    """A cache that rounds keys and values to bf16."""

    def update(self, keys, values, *others, **more):
        rounded = (x.to(torch.bfloat16).to(x.dtype) for x in (keys, values))
        return super().update(*rounded, *others, **more)


def result_size(model):
    """The number of logits. It differs from the source's vocabulary size if a model has two vocabularies."""
    return model.get_output_embeddings().weight.shape[0]


def reference(folder, config, length, rounds_cache):
    """Runs the folder's model on some ids."""
    _, model_class = CLASSES[config["model_type"]]
    model, report = model_class.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not report["missing_keys"] and not report["mismatched_keys"], report
    # The variant with upcast attention requires single precision.
    model = model.eval() if config.get("reorder_and_upcast_attn") else model.double().eval()
    generator = torch.Generator().manual_seed(zlib.crc32(folder.encode()[-4:]))
    ids = torch.randint(config["vocab_size"], (1, length), generator=generator)
    out = {"ids": ids[0]}
    with torch.no_grad():
        if model.config.is_encoder_decoder:
            vocabulary = result_size(model)
            decoder_ids = torch.randint(vocabulary, (1, length - 4), generator=generator)
            # Between cached steps the reference gives a padding token of M2M-100 another position than in one pass.
            if config["model_type"] == "m2m_100":
                decoder_ids = decoder_ids + (decoder_ids == model.config.pad_token_id)
            result = model(input_ids=ids, decoder_input_ids=decoder_ids, output_hidden_states=True)
            out["decoder_ids"] = decoder_ids[0]
            for side in ("encoder_hidden_states", "decoder_hidden_states"):
                out |= {f"{side}.{i}": state[0] for i, state in enumerate(result[side])}
        else:
            result = model(input_ids=ids, output_hidden_states=True)
            out |= {f"hidden_states.{i}": state[0] for i, state in enumerate(result.hidden_states)}
        out["logits"] = result.logits[0]
        if rounds_cache and model.config.is_encoder_decoder:
            cache = EncoderDecoderCache(RoundedCache(), RoundedCache())
            result = model(input_ids=ids, decoder_input_ids=decoder_ids, past_key_values=cache, use_cache=True)
        elif rounds_cache:
            result = model(input_ids=ids, past_key_values=RoundedCache(), use_cache=True)
        if rounds_cache:
            out["logits_of_bf16_cache"] = result.logits[0]
    save_file({key: value.float().contiguous() for key, value in out.items()}, f"{folder}/reference.safetensors")


def make(name, config, *, length=21, dtype=torch.float32, shards=1, change=lambda state: state, rounds_cache=False):
    """Writes one model folder. `change` renames weights, as other programs do.

    With `rounds_cache` there are the logits of a cache of bf16 as well.
    """
    folder = os.path.join(HERE, name)
    os.makedirs(folder)
    with open(f"{folder}/config.json", "w") as file:
        json.dump(config, file, indent=1)
    state = change(random_weights(name, config))
    write_weights(folder, {key: value.to(dtype).contiguous() for key, value in state.items()}, shards)
    reference(folder, config, length, rounds_cache)


def without(*endings):
    return lambda state: {key: value for key, value in state.items() if not key.endswith(endings)}


def gpt2():
    tiny = {"model_type": "gpt2", "vocab_size": 37, "n_positions": 40, "n_embd": 10, "n_layer": 2, "n_head": 2}
    tied = without("lm_head.weight")

    def bare(state):
        """Names without the outer prefix, plus the attention masks that old files contain."""
        state = {key.removeprefix("transformer."): value for key, value in tied(state).items()}
        for layer in range(2):
            state[f"h.{layer}.attn.bias"] = torch.tril(torch.ones(1, 1, 4, 4))
            state[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
        return state

    make("gpt2", tiny, change=tied, rounds_cache=True)
    make("gpt2-bare", tiny | {"n_inner": 23, "activation_function": "relu"}, change=bare)
    make(
        "gpt2-f16",
        tiny | {"n_embd": 24, "n_head": 3, "activation_function": "gelu"},
        dtype=torch.float16,
        change=tied,
        rounds_cache=True,
    )
    make(
        "gpt2-bf16",
        tiny | {"n_embd": 24, "n_layer": 1, "n_head": 1, "activation_function": "silu", "layer_norm_epsilon": 0.01},
        dtype=torch.bfloat16,
        change=tied,
    )
    make(
        "gpt2-sharded",
        tiny | {"n_layer": 3, "scale_attn_by_inverse_layer_idx": True, "scale_attn_weights": False},
        shards=3,
        change=tied,
    )
    make(
        "gpt2-untied",
        tiny | {"tie_word_embeddings": False, "reorder_and_upcast_attn": True, "activation_function": "tanh"},
    )


def bert():
    tiny = {
        "model_type": "bert",
        "vocab_size": 41,
        "hidden_size": 12,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 20,
        "max_position_embeddings": 32,
    }
    tied = without("decoder.weight", "decoder.bias")

    def old(state):
        """The names of the first converted checkpoints, plus the unused heads."""
        state = {
            key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value
            for key, value in tied(state).items()
        }
        state["bert.pooler.dense.weight"] = torch.zeros(12, 12)
        state["bert.pooler.dense.bias"] = torch.zeros(12)
        state["cls.seq_relationship.weight"] = torch.zeros(2, 12)
        state["cls.seq_relationship.bias"] = torch.zeros(2)
        return state

    # The bias has two names; either one is sufficient.
    make("bert", tiny, change=without("decoder.weight", "predictions.bias"))
    make("bert-old", tiny | {"hidden_act": "relu", "layer_norm_eps": 1e-3}, change=old)
    make(
        "bert-untied",
        tiny | {"tie_word_embeddings": False, "type_vocab_size": 1, "num_attention_heads": 3, "hidden_act": "gelu_new"},
        dtype=torch.float16,
    )


def llama():
    tiny = {
        "model_type": "llama",
        "vocab_size": 43,
        "hidden_size": 24,
        "intermediate_size": 31,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 50,
    }
    make("llama", tiny, length=40, rounds_cache=True)
    # Wider heads than hidden_size / heads, one key/value head for all queries, biases, and the rope base where new
    # files have it.
    make(
        "llama-wide",
        tiny
        | {
            "head_dim": 18,
            "num_key_value_heads": 1,
            "attention_bias": True,
            "mlp_bias": True,
            "rms_norm_eps": 0.01,
            "rope_parameters": {"rope_type": "default", "rope_theta": 77.5},
        },
        length=21,
    )
    # No shared key/value heads, tied weights, and the rope base where old files have it.
    make(
        "llama-tied",
        tiny
        | {
            "num_key_value_heads": 4,
            "hidden_act": "gelu_new",
            "tie_word_embeddings": True,
            "rope_theta": 500.0,
            "rope_scaling": None,
        },
        dtype=torch.bfloat16,
        change=without("lm_head.weight"),
    )


def t5():
    tiny = {
        "model_type": "t5",
        "vocab_size": 35,
        "d_model": 10,
        "d_kv": 3,
        "d_ff": 17,
        "num_layers": 2,
        "num_heads": 2,
        "relative_attention_num_buckets": 8,
        "relative_attention_max_distance": 20,
    }
    copies = ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight")
    tied = without("lm_head.weight", *copies)

    def duplicated(state):
        return without("lm_head.weight")(state) | {key: state["shared.weight"].clone() for key in copies}

    make("t5", tiny, length=40, change=tied, rounds_cache=True)
    make(
        "t5-v1.1",
        tiny
        | {
            "feed_forward_proj": "gated-gelu",
            "tie_word_embeddings": False,
            "d_kv": 5,
            "num_layers": 1,
            "num_decoder_layers": 3,
        },
        length=24,
        change=without(*copies),
        rounds_cache=True,
    )
    make(
        "t5-scaled",
        tiny
        | {
            "feed_forward_proj": "gated-silu",
            "tie_word_embeddings": False,
            "scale_decoder_outputs": True,
            "relative_attention_num_buckets": 13,
            "num_layers": 3,
            "num_decoder_layers": 1,
        },
        length=30,
        change=without(*copies),
    )
    make(
        "t5-unscaled",
        tiny | {"scale_decoder_outputs": False, "layer_norm_epsilon": 0.01, "num_layers": 1},
        dtype=torch.bfloat16,
        change=duplicated,
    )


def buckets():
    """The buckets of the relative positions -400...400, named bidirectional.buckets.distance."""
    positions = torch.arange(-400, 401)
    tables = {}
    for bidirectional in (True, False):
        for count, distance in ((32, 128), (8, 20), (13, 20), (64, 256), (4, 100), (16, 1000), (32, 17)):
            if distance > count // 2:
                tables[f"{int(bidirectional)}.{count}.{distance}"] = T5Attention._relative_position_bucket(
                    positions, bidirectional, count, distance
                ).to(torch.float16)
    folder = os.path.join(HERE, "t5-buckets")
    os.makedirs(folder)
    save_file(tables, f"{folder}/reference.safetensors")


def configuration_keys():
    """The attributes of each configuration class, by model_type."""
    keys = {name: sorted(config_class().to_dict()) for name, (config_class, _) in CLASSES.items()}
    with open(os.path.join(HERE, "configuration-keys.json"), "w") as file:
        json.dump(keys, file, indent=1)


if __name__ == "__main__":
    shutil.rmtree(HERE, ignore_errors=True)
    gpt2()
    bert()
    llama()
    t5()
    buckets()
    configuration_keys()
