#!/usr/bin/env python3
"""Makes tiny models of decoders with rotary positions in Tests/Fixtures/models, rotary.json beside them, and gradients
of some of them in Tests/Fixtures/gradients.

Run after make_fixtures.py and make_gradient_fixtures.py. The folders are as those of that script. rotary.json: configurations with rotary settings,
and the frequencies and the factor that transformers computes from them, `long` where long texts have others. Needs
torch, transformers 5.24 and safetensors; the output is the same in every run.

    python3 Tests/Fixtures/make_causal_fixtures.py
"""

import json
import os
import shutil
import warnings

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

import make_fixtures
import make_gradient_fixtures
from make_fixtures import CLASSES, HERE, make, without

NEW = {
    "mistral": "Mistral",
    "qwen2": "Qwen2",
    "qwen3": "Qwen3",
    "olmo2": "Olmo2",
    "gemma2": "Gemma2",
    "gemma3_text": "Gemma3",
    "phi3": "Phi3",
}
for kind, name in NEW.items():
    configuration = "Gemma3TextConfig" if kind == "gemma3_text" else name + "Config"
    CLASSES[kind] = (getattr(transformers, configuration), getattr(transformers, name + "ForCausalLM"))



def random_weights(name, config, usual=make_fixtures.random_weights):
    """The same with norms of queries and keys near one, and those of Gemma near zero, to which it adds one."""
    state = usual(name, config)
    for key in state:
        if key.endswith(("q_norm.weight", "k_norm.weight")):
            state[key] = state[key] + 1
        if config["model_type"].startswith("gemma") and "norm" in key:
            state[key] = state[key] - 1
    return state


make_fixtures.random_weights = random_weights

TINY = {
    "vocab_size": 43,
    "hidden_size": 24,
    "intermediate_size": 31,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 50,
}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "rope_theta": 200.0}
TIED = without("lm_head.weight")


def llama():
    """Every scaling of the positions that all architectures share; the others are checked by rotary.json."""
    tiny = {"model_type": "llama", "head_dim": 16} | TINY
    llama3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    make("llama-scaled", tiny | {"rope_theta": 500.0, "rope_scaling": llama3 | {"original_max_position_embeddings": 32}}, length=45)
    make("llama-yarn", tiny | {"rope_scaling": YARN}, length=45)
    longrope = {"type": "longrope", "short_factor": [1.0, 1.1, 1.3, 1.6, 2, 2.5, 3, 4], "long_factor": [1.5, 2, 3, 4, 6, 8, 9, 12.5]}
    make("llama-long", tiny | {"original_max_position_embeddings": 20, "rope_scaling": longrope}, length=45)


def mistral():
    tiny = {"model_type": "mistral"} | TINY
    make("mistral", tiny | {"sliding_window": 7}, length=30)
    make("mistral-open", tiny | {"sliding_window": None, "head_dim": 10, "hidden_act": "gelu"}, length=21)


def qwen2():
    tiny = {"model_type": "qwen2"} | TINY
    make("qwen2", tiny | {"tie_word_embeddings": True}, length=30, change=TIED)
    windows = {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1}
    make("qwen2-sliding", tiny | windows | {"rope_theta": 900.0, "num_key_value_heads": 4}, length=30)


def qwen3():
    tiny = {"model_type": "qwen3", "head_dim": 10} | TINY
    make("qwen3", tiny | {"tie_word_embeddings": True}, length=30, change=TIED)
    kinds = {"use_sliding_window": True, "sliding_window": 6, "layer_types": ["sliding_attention", "full_attention"]}
    make("qwen3-sliding", tiny | kinds | {"attention_bias": True, "rms_norm_eps": 0.01}, length=30)


def olmo2():
    tiny = {"model_type": "olmo2"} | TINY
    make("olmo2", tiny, length=30)
    make("olmo2-biased", tiny | {"attention_bias": True, "num_key_value_heads": 1, "rope_theta": 70.0}, length=21)


def gemma2():
    tiny = {"model_type": "gemma2", "head_dim": 10} | TINY | {"num_hidden_layers": 3}
    make("gemma2", tiny | {"sliding_window": 6, "query_pre_attn_scalar": 7}, length=30, change=TIED)
    odd = {"final_logit_softcapping": None, "attn_logit_softcapping": 3.5, "attention_bias": True, "tie_word_embeddings": False}
    kinds = {"layer_types": ["full_attention", "sliding_attention", "full_attention"], "sliding_window": 4}
    make("gemma2-open", tiny | odd | kinds | {"query_pre_attn_scalar": 10}, length=21)


def gemma3():
    tiny = {"model_type": "gemma3_text", "head_dim": 10} | TINY | {"num_hidden_layers": 3}
    rope = {"full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 300.0}, "sliding_attention": {"rope_type": "default"}}
    kinds = {"layer_types": ["sliding_attention", "full_attention", "sliding_attention"], "rope_parameters": rope}
    make("gemma3", tiny | kinds | {"sliding_window": 6, "query_pre_attn_scalar": 10}, length=30, change=TIED)
    # transformers ignores `truncate` here.
    old = {"sliding_window_pattern": 2, "rope_local_base_freq": 60.0, "rope_theta": 4000.0, "rope_scaling": YARN | {"truncate": False}}
    caps = {"final_logit_softcapping": 2.5, "attn_logit_softcapping": 0.5, "attention_bias": True}
    make("gemma3-old", tiny | old | caps | {"sliding_window": 5, "query_pre_attn_scalar": 3}, length=21, change=TIED)


def phi3():
    tiny = {"model_type": "phi3", "pad_token_id": 0} | TINY
    make("phi3", tiny | {"sliding_window": 8}, length=30)
    factors = {"short_factor": [1.0, 1.25], "long_factor": [2.0, 5.5]}
    long = {"original_max_position_embeddings": 20, "rope_scaling": {"type": "longrope"} | factors}
    # Four of six numbers of a head are rotated.
    make("phi3-long", tiny | long | {"partial_rotary_factor": 0.67, "tie_word_embeddings": True}, length=45, change=TIED)


def prefixes():
    """For models whose frequencies depend on the length of the text: the logits after the last id, for texts of every length."""
    for name in ("llama-long", "phi3-long"):
        folder = os.path.join(HERE, name)
        values = load_file(f"{folder}/reference.safetensors")
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
        model, ids = model.double().eval(), values["ids"].long()
        with torch.no_grad():
            ends = [model(input_ids=ids[None, :end]).logits[0, -1] for end in range(1, len(ids) + 1)]
        values["logits_of_prefixes"] = torch.stack(ends).float()
        # Values computed from the whole text at once are not those of a shorter text.
        values = {key: value for key, value in values.items() if not key.startswith(("hidden_states", "logits")) or "prefixes" in key}
        save_file(values, f"{folder}/reference.safetensors")


def rotary():
    """Settings of rotary positions, and what transformers makes of them."""
    base = {"hidden_size": 64, "num_attention_heads": 4, "head_dim": 16, "max_position_embeddings": 4096}
    yarn = {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 512}
    llama3 = {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    eight = [1.0, 1.02, 1.05, 1.3, 1.9, 2.6, 3.4, 4.0]
    long = {"rope_type": "longrope", "short_factor": eight, "long_factor": [2 * x for x in eight]}
    settings = [
        {"rope_scaling": {"type": "linear", "factor": 2.5}, "rope_theta": 5000.0},
        {"rope_scaling": {"rope_type": "dynamic", "factor": 4.0}},
        {"rope_parameters": yarn},
        {"rope_parameters": yarn | {"mscale": 0.7, "mscale_all_dim": 1.1}},
        {"rope_parameters": yarn | {"mscale": 0.7}},
        {"rope_parameters": yarn | {"mscale": 0.0, "mscale_all_dim": 1.0}},
        {"rope_parameters": yarn | {"attention_factor": 0.9, "beta_fast": 20, "beta_slow": 2.0}},
        {"rope_parameters": yarn | {"truncate": False, "beta_fast": 0}},
        {"rope_parameters": yarn | {"truncate": None, "rope_theta": 1e6}},
        {"rope_parameters": yarn | {"factor": None}},
        {"rope_parameters": yarn | {"factor": 0.5}},
        {"rope_parameters": {"rope_type": "yarn", "factor": 2.0}},
        {"rope_parameters": yarn, "original_max_position_embeddings": 256},
        {"rope_parameters": llama3, "rope_theta": 500000.0},
        {"rope_parameters": llama3 | {"original_max_position_embeddings": 1024}, "rope_theta": 500000.0},
        {"rope_parameters": llama3 | {"original_max_position_embeddings": 300, "low_freq_factor": 2, "high_freq_factor": 7.5}},
        {"rope_parameters": long | {"original_max_position_embeddings": 1024}},
        {"rope_parameters": long, "original_max_position_embeddings": 512},
        {"rope_parameters": long | {"attention_factor": 1.5, "original_max_position_embeddings": 1024}},
        {"rope_parameters": long | {"factor": 16.0, "original_max_position_embeddings": 1024}},
        {"rope_parameters": long},
        {"rope_parameters": {"rope_type": "proportional", "partial_rotary_factor": 0.4, "factor": 3.0}},
        {"rope_parameters": {"rope_type": "proportional"}, "partial_rotary_factor": 0.75},
        {"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.5}},
    ]
    cases = []
    for setting in settings:
        case = base | setting
        cases.append({"configuration": case} | frequencies(transformers.LlamaConfig(**json.loads(json.dumps(case)))))
    partial = [
        {"partial_rotary_factor": 0.5},
        {"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.7}},
        {"rope_scaling": {"type": "longrope", "short_factor": eight[:4], "long_factor": eight[4:]}, "partial_rotary_factor": 0.5},
        {"rope_scaling": {"type": "longrope", "short_factor": eight[:3], "long_factor": eight[3:6]}, "partial_rotary_factor": 0.4,
         "original_max_position_embeddings": 1000},
    ]
    for setting in partial:
        case = base | setting | {"model_type": "phi3"}
        config = transformers.Phi3Config(**json.loads(json.dumps(case)), pad_token_id=0)
        cases.append({"configuration": case} | frequencies(config))
    with open(os.path.join(HERE, "rotary.json"), "w") as file:
        json.dump(cases, file, indent=1)


def frequencies(config):
    kind = config.rope_parameters["rope_type"]
    rotary = {"phi3": transformers.models.phi3.modeling_phi3.Phi3RotaryEmbedding,
              "llama": transformers.models.llama.modeling_llama.LlamaRotaryEmbedding}[config.model_type](config)
    found = {"frequencies": rotary.inv_freq.tolist(), "factor": float(rotary.attention_scaling)}
    if kind == "longrope" and config.rope_parameters["original_max_position_embeddings"] < config.max_position_embeddings:
        length = config.rope_parameters["original_max_position_embeddings"]
        long, _ = ROPE_INIT_FUNCTIONS[kind](config, seq_len=length + 1)
        found |= {"long": long.tolist(), "length": length}
    return found


def gradients():
    for name in ("gemma2", "gemma3", "phi3"):
        make_gradient_fixtures.gradients(name)


def configuration_keys():
    """Adds the attributes of these configuration classes to the list."""
    path = os.path.join(HERE, "configuration-keys.json")
    with open(path) as file:
        keys = json.load(file)
    keys |= {kind: sorted(CLASSES[kind][0]().to_dict()) for kind in NEW}
    with open(path, "w") as file:
        json.dump(dict(sorted(keys.items())), file, indent=1)


NAMES = (
    "llama-scaled llama-yarn llama-long mistral mistral-open qwen2 qwen2-sliding qwen3 qwen3-sliding olmo2 "
    "olmo2-biased gemma2 gemma2-open gemma3 gemma3-old phi3 phi3-long"
).split()

if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    for name in NAMES:
        shutil.rmtree(os.path.join(HERE, name), ignore_errors=True)
    for step in (llama, mistral, qwen2, qwen3, olmo2, gemma2, gemma3, phi3, prefixes, rotary, gradients, configuration_keys):
        step()
