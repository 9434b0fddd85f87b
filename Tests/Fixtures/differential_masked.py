#!/usr/bin/env python3
"""Runs tiny masked models and classifiers with random configurations through triptych and transformers 5.24.

    python3 Tests/Fixtures/differential_masked.py [--architecture roberta] [--runs 200] [--seed 1] [--program PATH]

As differential_models.py, whose outcomes it reports. A masked model fills a gap: the probabilities of all tokens must
agree within 1e-4 relative. `labels` draws an architecture and a classification head: the logits of a text's labels, or
the probabilities of its tokens' best labels, must agree.
"""

import json
import sys

import torch
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoModelForTokenClassification

import differential_models
from differential_models import ACTIVATIONS, ARCHITECTURES, LETTERS, Architecture, decoder, main, maybe, rotary

# The ids of the special tokens: the letters A to E stand for them.
PAD, CLS, SEP, MASK = 26, 27, 28, 29


def sizes(r, kind, **names):
    """Sizes and switches that the descendants of BERT have in common."""
    heads = r.choice([1, 2, 3, 4])
    config = {
        "model_type": kind,
        "vocab_size": r.randrange(31, 90),
        "hidden_size": heads * r.choice([2, 3, 4, 5]),
        "num_hidden_layers": r.randrange(1, 5),
        "num_attention_heads": heads,
        "intermediate_size": r.randrange(3, 30),
        "max_position_embeddings": r.choice([40, 48, 64]),
    }
    config |= maybe(r, 0.6, "hidden_act", lambda: r.choice(ACTIVATIONS))
    config |= maybe(r, 0.5, "tie_word_embeddings", lambda: r.random() < 0.5)
    config |= maybe(r, 0.5, "layer_norm_eps", lambda: r.choice([1e-12, 1e-5, 0.01, 0.3]))
    config |= maybe(r, 0.6, "type_vocab_size", lambda: r.choice([1, 2, 3]))
    config |= maybe(r, 0.1, "is_decoder", lambda: r.random() < 0.5)
    config |= maybe(r, 0.1, "classifier_dropout", lambda: 0.5)
    config |= maybe(r, 0.1, "hidden_dropout_prob", lambda: 0.9)
    return config | maybe(r, 0.2, "an_unknown_key", lambda: 3)


def bert(r):
    return sizes(r, "bert") | {"pad_token_id": PAD}


def roberta(kind):
    def draw(r):
        config = sizes(r, kind)
        return config | maybe(r, 0.8, "pad_token_id", lambda: r.choice([0, 1, 2, 5, 9]))

    return draw


def distilbert(r):
    config = sizes(r, "distilbert") | {"pad_token_id": PAD}
    names = {"hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads"}
    if r.random() < 0.8:
        config = {names.get(key, key): value for key, value in config.items()}
    config["hidden_dim"] = config.pop("intermediate_size")
    if "hidden_act" in config:
        config["activation"] = config.pop("hidden_act")
    for key in ("layer_norm_eps", "type_vocab_size", "is_decoder"):
        config.pop(key, None)
    return config | maybe(r, 0.2, "sinusoidal_pos_embds", lambda: True)


def electra(r):
    config = sizes(r, "electra") | {"pad_token_id": PAD}
    return config | {"embedding_size": r.choice([config["hidden_size"], 3, 7, 16])}


def albert(r):
    config = sizes(r, "albert") | {"pad_token_id": PAD, "embedding_size": r.choice([3, 7, 16])}
    config |= maybe(r, 0.5, "num_hidden_groups", lambda: r.randrange(1, 6))
    return config | maybe(r, 0.5, "inner_group_num", lambda: r.randrange(1, 4))


def modernbert(r):
    config = sizes(r, "modernbert")
    config["hidden_size"] = config["num_attention_heads"] * r.choice([2, 4, 6])
    for key in ("layer_norm_eps", "type_vocab_size", "is_decoder", "classifier_dropout", "hidden_dropout_prob"):
        config.pop(key, None)
    if "hidden_act" in config:
        config["hidden_activation"] = config.pop("hidden_act")
    config |= {"pad_token_id": PAD, "bos_token_id": CLS, "eos_token_id": SEP, "cls_token_id": CLS, "sep_token_id": SEP}
    for key in ("norm_bias", "attention_bias", "mlp_bias", "decoder_bias", "classifier_bias"):
        config |= maybe(r, 0.5, key, lambda: r.random() < 0.5)
    config |= maybe(r, 0.5, "classifier_activation", lambda: r.choice(ACTIVATIONS))
    config |= maybe(r, 0.7, "local_attention", lambda: r.choice([0, 1, 2, 3, 6, 9, 40]))
    config |= maybe(r, 0.5, "global_attn_every_n_layers", lambda: r.choice([1, 2, 3]))
    config |= maybe(r, 0.5, "norm_eps", lambda: r.choice([1e-8, 1e-5, 0.01]))
    kinds = ["full_attention", "sliding_attention"]
    config |= maybe(r, 0.3, "layer_types", lambda: [r.choice(kinds) for _ in range(config["num_hidden_layers"])])
    form = r.choice(["none", "old", "new", "scaled"])
    if form == "old":
        config |= maybe(r, 0.7, "global_rope_theta", lambda: r.choice([20.0, 500.0]))
        config |= maybe(r, 0.7, "local_rope_theta", lambda: r.choice([11.0, 700.0]))
    if form == "new":
        settings = {kind: {"rope_type": "default"} | maybe(r, 0.7, "rope_theta", lambda: r.choice([20.0, 900.0])) for kind in kinds}
        config["rope_parameters"] = {kind: value for kind, value in settings.items() if r.random() < 0.8}
    if form == "scaled":
        config["rope_scaling"] = r.choice([{"rope_type": "linear", "factor": 2.0}, {"type": "default"}, {"rope_theta": 30.0}])
    return config


def gpt2(r):
    heads = r.choice([1, 2, 3])
    return {
        "model_type": "gpt2", "vocab_size": r.randrange(31, 80), "n_positions": r.choice([40, 48]),
        "n_embd": heads * r.choice([2, 3, 5]), "n_layer": r.randrange(1, 4), "n_head": heads,
    } | maybe(r, 0.5, "pad_token_id", lambda: r.choice([None, 0, 3, PAD]))


def llama(r):
    config = decoder(r, "llama")
    config |= {"vocab_size": r.randrange(31, 80), "max_position_embeddings": 48}
    config |= maybe(r, 0.5, "attention_bias", lambda: True)
    return config | {"pad_token_id": r.choice([None, 0, 3, PAD])}


BODIES = {
    "albert": (albert, "Albert"), "bert": (bert, "Bert"), "distilbert": (distilbert, "DistilBert"),
    "electra": (electra, "Electra"), "gpt2": (gpt2, "GPT2"), "llama": (llama, "Llama"),
    "modernbert": (modernbert, "ModernBert"), "roberta": (roberta("roberta"), "Roberta"),
    "xlm-roberta": (roberta("xlm-roberta"), "XLMRoberta"), "camembert": (roberta("camembert"), "Camembert"),
}


def labels(head):
    """Any of the bodies, with a classification head."""

    def draw(r):
        body, name = BODIES[r.choice(sorted(BODIES))]
        config = body(r) | {"architectures": [f"{name}For{head}Classification"]}
        count = r.choice([1, 2, 3, 5])
        form = r.choice(["names", "names", "number", "none"])
        if form == "names":
            config["id2label"] = {str(index): f"label {index}" for index in range(count)}
        if form == "number":
            config["num_labels"] = count
        kinds = ["regression", "multi_label_classification", "single_label_classification"]
        if config["model_type"] == "modernbert":
            config |= maybe(r, 0.5, "classifier_pooling", lambda: r.choice(["cls", "mean"]))
        return config | maybe(r, 0.4, "problem_type", lambda: r.choice(kinds))

    return draw


def configure(case):
    """Makes the letters A to D the special tokens."""
    names = {"pad_token": PAD, "cls_token": CLS, "sep_token": SEP, "mask_token": MASK}
    case.write(
        "tokenizer_config.json",
        {name: LETTERS[id] for name, id in names.items()} | {"tokenizer_class": "PreTrainedTokenizerFast"})


def text(case, most=30):
    vocabulary = case.config.get("vocab_size")
    usable = vocabulary if type(vocabulary) is int and 0 < vocabulary < 1000 else 50
    count = case.r.randrange(2, most)
    return [case.r.choice([id for id in range(min(usable, 26))]) for _ in range(count)]


def near(found, expected):
    return abs(found - expected) <= 1e-4 * max(1, abs(expected))


def check_masked(case):
    configure(case)
    ids = text(case)
    gap = case.r.randrange(len(ids))
    ids[gap] = MASK
    count = min(1000, case.config.get("vocab_size") if type(case.config.get("vocab_size")) is int else 50)
    found = case.call(
        "fill-mask", "-m", case.folder, "-t", "1", "--json", "--no-joint", "--top-k", str(max(1, count)), "--ids", "--",
        " ".join(map(str, ids)))
    if found is None:
        return case.refused()
    if case.model is None:
        return "DIFFERENT", f"transformers refuses, triptych answers: {case.refusal}"
    with torch.no_grad():
        expected = case.model(torch.tensor([ids])).logits[0, gap].log_softmax(-1)
    candidates = found["masks"][0]["candidates"]
    if len(candidates) != len(expected):
        return "DIFFERENT", f"{len(candidates)} candidates of {len(expected)}"
    for entry in candidates:
        if not near(entry["logprob"], expected[entry["id"]].item()):
            return "DIFFERENT", f"{entry['id']}: {entry['logprob']}, not {expected[entry['id']].item()}"
    return "equal", ""


def check_labels(case):
    configure(case)
    ids = text(case)
    words = "".join(LETTERS[id] for id in ids)
    found = case.call("classify", "-m", case.folder, "-t", "1", "--json", "--", words)
    if found is None:
        return case.refused()
    if case.model is None:
        return "DIFFERENT", f"transformers refuses, triptych answers: {case.refusal}"
    with torch.no_grad():
        expected = case.model(torch.tensor([ids])).logits[0]
    names = case.model.config.id2label
    if len(found["labels"]) != len(names):
        return "DIFFERENT", f"{len(found['labels'])} labels of {len(names)}"
    for entry in found["labels"]:
        index = next(index for index, name in names.items() if name == entry["label"])
        if not near(entry["logit"], expected[index].item()):
            return "DIFFERENT", f"{entry}, not {expected[index].item()}"
    return "equal", ""


def check_tags(case):
    configure(case)
    ids = text(case)
    words = "".join(LETTERS[id] for id in ids)
    found = case.call("tag", "-m", case.folder, "-t", "1", "--json", "--strategy", "none", "--", words)
    if found is None:
        return case.refused()
    if case.model is None:
        return "DIFFERENT", f"transformers refuses, triptych answers: {case.refusal}"
    with torch.no_grad():
        expected = case.model(torch.tensor([ids])).logits[0].softmax(-1)
    if len(found["tokens"]) != len(ids):
        return "DIFFERENT", f"{len(found['tokens'])} tokens of {len(ids)}"
    for place, token in enumerate(found["tokens"]):
        index = next(index for index, name in case.model.config.id2label.items() if name == token["label"])
        row = expected[place]
        if not near(token["score"], row[index].item()) or row.max() - row[index] > 1e-4:
            return "DIFFERENT", f"token {place}: {token['label']} {token['score']}, not {row.tolist()}"
    return "equal", ""


if __name__ == "__main__":
    ARCHITECTURES.clear()
    for name in ("albert", "bert", "camembert", "distilbert", "electra", "modernbert", "roberta", "xlm-roberta"):
        ARCHITECTURES[name] = Architecture(BODIES[name][0], check_masked, AutoModelForMaskedLM)
    ARCHITECTURES["labels"] = Architecture(labels("Sequence"), check_labels, AutoModelForSequenceClassification)
    ARCHITECTURES["tags"] = Architecture(labels("Token"), check_tags, AutoModelForTokenClassification)
    main()
