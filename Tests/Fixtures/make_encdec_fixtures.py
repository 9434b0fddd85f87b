#!/usr/bin/env python3
"""Makes tiny models of GPT-Neo, GPT-NeoX, OPT, BART's family, mT5 and umT5 in Tests/Fixtures/models, and their gradients.

The same kind of folders as those of make_fixtures.py and make_gradient_fixtures.py, whose functions it uses. The
output is the same in every run.

    python3 Tests/Fixtures/make_encdec_fixtures.py [ARCHITECTURE ...]
"""

import json
import os
import shutil
import sys

import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    GPTNeoConfig,
    GPTNeoForCausalLM,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    M2M100Config,
    M2M100ForConditionalGeneration,
    MarianConfig,
    MarianMTModel,
    MBartConfig,
    MBartForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
    OPTConfig,
    OPTForCausalLM,
    UMT5Config,
    UMT5ForConditionalGeneration,
)

import make_fixtures
import make_gradient_fixtures
from make_fixtures import HERE, without

CLASSES = {
    "bart": (BartConfig, BartForConditionalGeneration),
    "gpt_neo": (GPTNeoConfig, GPTNeoForCausalLM),
    "gpt_neox": (GPTNeoXConfig, GPTNeoXForCausalLM),
    "m2m_100": (M2M100Config, M2M100ForConditionalGeneration),
    "marian": (MarianConfig, MarianMTModel),
    "mbart": (MBartConfig, MBartForConditionalGeneration),
    "mt5": (MT5Config, MT5ForConditionalGeneration),
    "opt": (OPTConfig, OPTForCausalLM),
    "umt5": (UMT5Config, UMT5ForConditionalGeneration),
}
make_fixtures.CLASSES |= CLASSES
made = []


def make(name, config, **options):
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    make_fixtures.make(name, config, **options)
    made.append(name)


def gpt_neox():
    tiny = {
        "model_type": "gpt_neox",
        "vocab_size": 43,
        "hidden_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "intermediate_size": 29,
        "max_position_embeddings": 50,
    }

    def old(state):
        """The head's name and the additional buffers in files from before 2026."""
        state = {key.replace("lm_head.", "embed_out."): value for key, value in state.items()}
        for layer in range(2):
            state[f"gpt_neox.layers.{layer}.attention.bias"] = torch.ones(1, 1, 4, 4)
            state[f"gpt_neox.layers.{layer}.attention.rotary_emb.inv_freq"] = torch.ones(4)
        return state

    make("gpt-neox", tiny, length=40, rounds_cache=True)
    make(
        "gpt-neox-serial",
        tiny | {"use_parallel_residual": False, "rotary_pct": 1.0, "rotary_emb_base": 77, "hidden_act": "gelu_new"},
        change=old,
        dtype=torch.float16,
    )
    make(
        "gpt-neox-tied",
        tiny
        | {
            "tie_word_embeddings": True,
            "attention_bias": False,
            "layer_norm_eps": 0.01,
            "num_attention_heads": 2,
            "rotary_pct": 1.0,
            "rope_parameters": {"rope_type": "default", "rope_theta": 500.0, "partial_rotary_factor": 0.4},
        },
        change=without("lm_head.weight"),
    )


def gpt_neo():
    tiny = {
        "model_type": "gpt_neo",
        "vocab_size": 37,
        "hidden_size": 12,
        "num_layers": 2,
        "num_heads": 2,
        "max_position_embeddings": 40,
        "window_size": 5,
        "attention_types": [[["global", "local"], 1]],
    }
    make("gpt-neo", tiny, length=40, change=without("lm_head.weight"), rounds_cache=True)
    make(
        "gpt-neo-untied",
        tiny
        | {
            "num_layers": 3,
            "attention_layers": ["local", "local", "global"],
            "window_size": 1,
            "intermediate_size": 17,
            "activation_function": "relu",
            "layer_norm_epsilon": 0.01,
            "tie_word_embeddings": False,
        },
        dtype=torch.bfloat16,
    )


def opt():
    tiny = {
        "model_type": "opt",
        "vocab_size": 37,
        "hidden_size": 12,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "ffn_dim": 19,
        "max_position_embeddings": 40,
    }
    tied = without("lm_head.weight")

    def bare(state):
        """The names of files that hold the decoder alone."""
        return {key.removeprefix("model."): value for key, value in tied(state).items()}

    make("opt", tiny, length=40, change=tied, rounds_cache=True)
    make(
        "opt-projected",
        tiny | {"do_layer_norm_before": False, "word_embed_proj_dim": 7, "activation_function": "gelu"},
        change=tied,
    )
    make(
        "opt-plain",
        tiny
        | {
            "enable_bias": False,
            "layer_norm_elementwise_affine": False,
            "_remove_final_layer_norm": True,
            "num_attention_heads": 3,
        },
        dtype=torch.float16,
        change=bare,
    )
    make("opt-untied", tiny | {"tie_word_embeddings": False, "word_embed_proj_dim": 16, "num_hidden_layers": 1})


def sizes(name):
    """A tiny configuration of BART's family."""
    return {
        "model_type": name,
        "vocab_size": 37,
        "d_model": 12,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
        "encoder_ffn_dim": 19,
        "decoder_ffn_dim": 17,
        "max_position_embeddings": 40,
        "pad_token_id": 1,
        "decoder_start_token_id": 2,
    }


COPIES = ("lm_head.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight")
POSITIONS = ("embed_positions.weight",)


def bart():
    tiny = sizes("bart")

    def duplicated(state):
        """Copies of the shared embedding under its other names, and no bias of the logits."""
        copies = {f"model.{key}": state["model.shared.weight"].clone() for key in COPIES[1:]}
        return without(*COPIES, "final_logits_bias")(state) | copies

    make("bart", tiny, length=40, change=without(*COPIES), rounds_cache=True)
    make(
        "bart-uneven",
        tiny
        | {
            "encoder_layers": 1,
            "decoder_layers": 3,
            "encoder_attention_heads": 3,
            "scale_embedding": True,
            "activation_function": "relu",
        },
        dtype=torch.float16,
        change=duplicated,
    )
    make("bart-untied", tiny | {"tie_word_embeddings": False, "decoder_layers": 1, "activation_function": "silu"})


def mbart():
    tiny = sizes("mbart")
    make("mbart", tiny, length=40, change=without(*COPIES), rounds_cache=True)
    make(
        "mbart-scaled",
        tiny | {"scale_embedding": True, "activation_function": "relu", "decoder_attention_heads": 4},
        dtype=torch.bfloat16,
        change=without(*COPIES),
    )


def m2m_100():
    tiny = sizes("m2m_100")
    make("m2m-100", tiny, length=40, change=without(*COPIES), rounds_cache=True)
    # An odd width, another padding id, and a separate head.
    make(
        "m2m-100-odd",
        tiny
        | {
            "d_model": 15,
            "encoder_attention_heads": 3,
            "decoder_attention_heads": 5,
            "pad_token_id": 4,
            "scale_embedding": False,
            "activation_function": "gelu",
        },
        change=without(*COPIES[1:]),
    )


def marian():
    tiny = sizes("marian")
    make("marian", tiny, length=40, change=without(*COPIES, *POSITIONS), rounds_cache=True)
    # An odd width.
    make(
        "marian-odd",
        tiny
        | {
            "d_model": 15,
            "encoder_attention_heads": 3,
            "decoder_attention_heads": 5,
            "scale_embedding": True,
            "activation_function": "swish",
        },
        dtype=torch.float16,
        change=without(*COPIES[1:], *POSITIONS),
    )
    # Two vocabularies, and the tables of positions that old files store.
    make(
        "marian-separate",
        tiny | {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 29},
        change=without("lm_head.weight"),
    )


def t5_sizes(name):
    return {
        "model_type": name,
        "vocab_size": 35,
        "d_model": 10,
        "d_kv": 3,
        "d_ff": 17,
        "num_layers": 2,
        "num_heads": 2,
        "relative_attention_num_buckets": 8,
        "relative_attention_max_distance": 20,
    }


def mt5():
    tiny = t5_sizes("mt5")
    # As the published files: a separate head, though the class always ties.
    make("mt5", tiny | {"tie_word_embeddings": False}, length=40, change=without(*COPIES[1:]), rounds_cache=True)
    make(
        "mt5-tied",
        tiny | {"feed_forward_proj": "relu", "num_decoder_layers": 3, "scale_decoder_outputs": True},
        dtype=torch.float16,
        change=without(*COPIES),
    )


def umt5():
    tiny = t5_sizes("umt5")
    make("umt5", tiny | {"tie_word_embeddings": False}, length=40, change=without(*COPIES[1:]), rounds_cache=True)
    make(
        "umt5-scaled",
        tiny | {"feed_forward_proj": "gated-silu", "num_layers": 1, "num_decoder_layers": 3, "d_kv": 5},
        dtype=torch.bfloat16,
        change=without(*COPIES),
    )


def configuration_keys():
    """Adds the attributes of these classes to those of the others."""
    path = os.path.join(HERE, "configuration-keys.json")
    with open(path) as file:
        keys = json.load(file)
    keys |= {name: sorted(config_class().to_dict()) for name, (config_class, _) in CLASSES.items()}
    with open(path, "w") as file:
        json.dump(dict(sorted(keys.items())), file, indent=1)


# Models left out: the reference has no gradient for a stored table of positions, and half precision would test nothing
# new.
GRADIENTS = {
    "gpt-neox", "gpt-neox-tied", "gpt-neo", "opt", "opt-projected", "bart", "bart-untied", "mbart", "m2m-100", "marian",
    "mt5", "umt5",
}

if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or CLASSES:
        globals()[name]()
    for name in made:
        if name in GRADIENTS:
            make_gradient_fixtures.gradients(name)
    configuration_keys()
