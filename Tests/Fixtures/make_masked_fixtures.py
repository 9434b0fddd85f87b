#!/usr/bin/env python3
"""Makes the models of Tests/Fixtures/models that descend from BERT, as make_fixtures.py makes the others, and the
gradients of some of them, as make_gradient_fixtures.py does.

Run after these two scripts, which empty their folders. Needs torch, transformers 5.24 and safetensors; the output is the
same in every run.

    python3 Tests/Fixtures/make_masked_fixtures.py
"""

import json
import os
import shutil

import torch
from safetensors.torch import load_file
from transformers import (
    AlbertConfig,
    AlbertForMaskedLM,
    CamembertConfig,
    CamembertForMaskedLM,
    DistilBertConfig,
    DistilBertForMaskedLM,
    ElectraConfig,
    ElectraForMaskedLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    RobertaConfig,
    RobertaForMaskedLM,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

import make_fixtures
import make_gradient_fixtures
from make_fixtures import HERE, without

CLASSES = {
    "roberta": (RobertaConfig, RobertaForMaskedLM),
    "xlm-roberta": (XLMRobertaConfig, XLMRobertaForMaskedLM),
    "camembert": (CamembertConfig, CamembertForMaskedLM),
    "distilbert": (DistilBertConfig, DistilBertForMaskedLM),
    "electra": (ElectraConfig, ElectraForMaskedLM),
    "albert": (AlbertConfig, AlbertForMaskedLM),
    "modernbert": (ModernBertConfig, ModernBertForMaskedLM),
}
make_fixtures.CLASSES |= CLASSES
make_gradient_fixtures.MASKED |= set(CLASSES)


def make(name, config, **options):
    shutil.rmtree(os.path.join(HERE, name), ignore_errors=True)
    make_fixtures.make(name, config, **options)


def has_padding(name, config):
    """Checks that the ids of the reference contain padding, because positions skip it."""
    ids = load_file(f"{HERE}/{name}/reference.safetensors")["ids"].int().tolist()
    assert config["pad_token_id"] in ids[2:-2], (name, ids)


TINY = {
    "vocab_size": 41,
    "hidden_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 20,
    "max_position_embeddings": 40,
}


def roberta():
    tiny = TINY | {"model_type": "roberta"}
    tied = without("decoder.weight", "decoder.bias")
    first = tiny | {"pad_token_id": 8}
    make("roberta", first, change=tied)
    has_padding("roberta", first)
    second = tiny | {
        "tie_word_embeddings": False,
        "type_vocab_size": 1,
        "num_attention_heads": 3,
        "hidden_act": "relu",
        "layer_norm_eps": 1e-3,
        "pad_token_id": 15,
    }
    make("roberta-untied", second, dtype=torch.float16)
    has_padding("roberta-untied", second)
    # The bias has two names; either one is sufficient.
    make(
        "xlm-roberta",
        tiny | {"model_type": "xlm-roberta", "hidden_act": "gelu_new"},
        dtype=torch.bfloat16,
        change=without("decoder.weight", "lm_head.bias"),
    )
    make("camembert", tiny | {"model_type": "camembert", "num_hidden_layers": 1, "pad_token_id": 0}, change=tied)


def distilbert():
    tiny = {
        "model_type": "distilbert",
        "vocab_size": 41,
        "dim": 12,
        "n_layers": 2,
        "n_heads": 2,
        "hidden_dim": 20,
        "max_position_embeddings": 32,
    }
    make("distilbert", tiny, change=without("vocab_projector.weight"))
    make(
        "distilbert-untied",
        tiny
        | {"tie_word_embeddings": False, "sinusoidal_pos_embds": True, "activation": "relu", "n_heads": 3, "n_layers": 1},
        dtype=torch.float16,
    )


def electra():
    tiny = TINY | {"model_type": "electra"}
    make("electra", tiny | {"embedding_size": 8, "hidden_act": "relu"}, change=without("generator_lm_head.weight"))
    make(
        "electra-untied",
        tiny | {"embedding_size": 12, "tie_word_embeddings": False, "type_vocab_size": 1, "layer_norm_eps": 1e-3},
        dtype=torch.bfloat16,
    )


def albert():
    tiny = TINY | {"model_type": "albert", "embedding_size": 8}
    tied = without("decoder.weight", "decoder.bias")
    make("albert", tiny | {"num_hidden_layers": 3}, change=tied)
    make(
        "albert-groups",
        tiny
        | {
            "num_hidden_layers": 5,
            "num_hidden_groups": 3,
            "inner_group_num": 2,
            "hidden_act": "gelu",
            "tie_word_embeddings": False,
            "layer_norm_eps": 1e-3,
        },
        dtype=torch.float16,
    )


def modernbert():
    tiny = TINY | {"model_type": "modernbert", "num_hidden_layers": 4, "local_attention": 8}
    # The ids of special tokens must lie within the tiny vocabulary.
    tiny |= {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2}

    def near_one(state):
        return {key: 1 + value if key.endswith("norm.weight") else value for key, value in state.items()}

    def tied(state):
        return near_one(without("decoder.weight")(state))

    make("modernbert", tiny, change=tied)
    make(
        "modernbert-biased",
        tiny
        | {
            "norm_bias": True,
            "attention_bias": True,
            "mlp_bias": True,
            "classifier_bias": True,
            "decoder_bias": False,
            "tie_word_embeddings": False,
            "hidden_activation": "silu",
            "classifier_activation": "tanh",
            "norm_eps": 1e-3,
            "num_hidden_layers": 3,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
            "rope_parameters": {
                "full_attention": {"rope_type": "default", "rope_theta": 321.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 17.0},
            },
        },
        change=near_one,
        dtype=torch.float16,
    )
    # The configuration keys of the first published files.
    make(
        "modernbert-old",
        tiny
        | {
            "global_attn_every_n_layers": 2,
            "global_rope_theta": 500.0,
            "local_rope_theta": 33.5,
            "local_attention": 5,
            "num_hidden_layers": 3,
            "num_attention_heads": 3,
        },
        change=tied,
    )


def configuration_keys():
    """Adds the attributes of the configuration classes, by model_type."""
    path = os.path.join(HERE, "configuration-keys.json")
    with open(path) as file:
        keys = json.load(file)
    keys |= {name: sorted(config_class().to_dict()) for name, (config_class, _) in CLASSES.items()}
    with open(path, "w") as file:
        json.dump(keys, file, indent=1, sort_keys=True)


if __name__ == "__main__":
    roberta()
    distilbert()
    electra()
    albert()
    modernbert()
    configuration_keys()
    for name in ["roberta", "distilbert", "electra", "albert-groups", "modernbert", "modernbert-biased"]:
        make_gradient_fixtures.gradients(name)
