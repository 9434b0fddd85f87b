"""Makes the second sides of comparisons and the reference values of `compare` and `choices`, by transformers.

    python make_comparison_fixtures.py        (transformers 5.24, torch, numpy)

Run after make_program_fixtures.py: side A is a model of `program/`, side B a smaller one with the same vocabulary, whose
weights and configuration are in `comparisons/NAME`; its tokenizer is that of side A. `comparisons/expected.json` has what
the definitions give for transformers' logits in double precision.
"""

import json
import pathlib

import numpy as np
import torch
from transformers import (
    BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast, T5Config,
    T5ForConditionalGeneration,
)
from transformers.generation.logits_process import TemperatureLogitsWarper, TopPLogitsWarper

from make_program_fixtures import widen

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
PROGRAM, OUT = HERE / "program", HERE / "comparisons"
TEXTS = {
    "causal": ["Once upon a time there lived a king by the sea.", "Hello, my name is Tom"],
    "masked": ["Hello, my name is Tom.", "the king had a boat"],
    "encoder-decoder": [["translate English to French: How are you?", "Comment allez-vous ?"]],
}
CHAIN = {"temperature": 0.7, "top_p": 0.9}
CHOICES = {
    "causal": {"text": "The capital of France is", "choices": [" Paris", " the sea", " Tom", "."]},
    "encoder-decoder": {
        "text": "translate English to French: How are you?",
        "choices": ["Comment allez-vous ?", "Bonjour", "la mer est calme."],
    },
    "masked": {"text": "the king had a [MASK].", "choices": ["boat", "boat by the sea", "kingly", "tomtom"]},
}


def second(name):
    """Side B: fewer layers, narrower, other weights."""
    config = json.loads((PROGRAM / name / "config.json").read_text())
    if name == "causal":
        config |= {"n_embd": 16, "n_layer": 1, "n_head": 2}
        model = widen(GPT2LMHeadModel(GPT2Config(**config)), 0.4, seed=11)
    elif name == "masked":
        config |= {
            "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24}
        model = widen(BertForMaskedLM(BertConfig(**config)), 0.3, seed=12)
    else:
        config |= {"d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 1, "num_decoder_layers": 1, "num_heads": 2}
        model = widen(T5ForConditionalGeneration(T5Config(**config)), 0.3, seed=13)
    model.save_pretrained(OUT / name)
    for extra in OUT.glob(f"{name}/generation_config.json"):
        extra.unlink()
    return model


def rows(name, model, ids, source):
    """The logits that predict each compared token, in double precision, and the indices of these tokens."""
    with torch.no_grad():
        if name == "causal":
            logits = model(torch.tensor([ids])).logits[0]
            return logits[:-1].double(), list(range(1, len(ids)))
        if name == "encoder-decoder":
            start = model.config.decoder_start_token_id
            decoder = torch.tensor([[start] + ids[:-1]])
            return model(torch.tensor([source]), decoder_input_ids=decoder).logits[0].double(), list(range(len(ids)))
        places = [place for place, id in enumerate(ids) if id not in (0, 1, 2, 3, 4)]
        out = []
        for place in places:
            copy = list(ids)
            copy[place] = 4
            out.append(model(torch.tensor([copy])).logits[0, place].double())
        return torch.stack(out), places


def bits(x):
    return float(x) / float(np.log(2))


def divergence(a, b):
    """KL both ways, Jensen-Shannon and total variation of two rows of log-probabilities. None stands for infinity."""
    p, q = a.exp(), b.exp()
    middle = ((p + q) / 2).log()

    def part(weights, x, y):
        terms = torch.where(weights > 0, weights * (x - y), torch.zeros_like(weights))
        return bits(terms.sum())

    kl = [part(p, a, b), part(q, b, a)]
    return {
        "kl_ab": kl[0] if np.isfinite(kl[0]) else None,
        "kl_ba": kl[1] if np.isfinite(kl[1]) else None,
        "js": (part(p, a, middle) + part(q, b, middle)) / 2,
        "total_variation": float((p - q).abs().sum() / 2),
    }


def rank(row, id):
    return int((row > row[id]).sum() + (row[:id] == row[id]).sum()) + 1


def comparison(name, models, text, target, tokenizer):
    source = tokenizer(text).input_ids if target is not None else None
    whole = text if target is None else target
    ids = tokenizer(whole).input_ids
    logits = [rows(name, model, ids, source) for model in models]
    places = logits[0][1]
    positions = []
    for index, place in enumerate(places):
        pair = [rows[index] for rows, _ in logits]
        logs = [row.log_softmax(-1) for row in pair]
        tops = [torch.sort(row, descending=True, stable=True).indices[:10].tolist() for row in pair]
        entropies = [bits(-(log.exp() * log).sum()) for log in logs]
        position = {"index": place, "id": ids[place]} | divergence(*logs) | {
            "top_agrees": tops[0][0] == tops[1][0],
            "top10_overlap": len(set(tops[0]) & set(tops[1])),
            "logprob": [float(log[ids[place]]) for log in logs],
            "rank": [rank(row, ids[place]) for row in pair],
            "entropy": entropies,
        }
        if name == "causal":
            before = torch.tensor([ids[:place]])
            warped = TemperatureLogitsWarper(CHAIN["temperature"])(before, pair[1][None])
            warped = TopPLogitsWarper(CHAIN["top_p"])(before, warped)[0]
            position["after_chain"] = divergence(logs[0], warped.log_softmax(-1))
        positions.append(position)
    kl = [position["kl_ab"] for position in positions]
    differing = [index for index, position in enumerate(positions) if not position["top_agrees"]]
    return {
        "text": text, "target": target, "ids": ids, "source": source, "positions": positions, "mean_kl_ab": float(np.mean(kl)),
        "p99_kl_ab": float(np.percentile(kl, 99)), "mean_js": float(np.mean([p["js"] for p in positions])),
        "top_agreement": 1 - len(differing) / len(positions), "first_divergence": differing[0] if differing else None,
    }


def fillings(model, text, ids):
    """The log-softmax row that predicts each piece of a filling: pieces before it in place, it and later ones masked."""
    gap = text.index(4)
    out = []
    with torch.no_grad():
        for place in range(len(ids)):
            filled = text[:gap] + ids[:place] + [4] * (len(ids) - place) + text[gap + 1:]
            out.append(model(torch.tensor([filled])).logits[0, gap + place].double().log_softmax(-1))
    return torch.stack(out)


def choices(name, model, tokenizer):
    """Each choice's log-probability after the text, and after the beginning of text alone."""
    text, options = CHOICES[name]["text"], CHOICES[name]["choices"]
    found = []
    for option in options:
        if name == "masked":
            ids = tokenizer(option, add_special_tokens=False).input_ids
            # The mask in a text of its own.
            log, alone = [fillings(model, tokenizer(around).input_ids, ids) for around in (text, "[MASK]")]
        elif name == "causal":
            before = tokenizer(text).input_ids
            ids = tokenizer(text + option).input_ids
            assert ids[: len(before)] == before, "the choice changes the tokens of the text"
            ids = ids[len(before):]
            log = rows(name, model, before + ids, None)[0].log_softmax(-1)[len(before) - 1:]
            alone = rows(name, model, [0] + ids, None)[0].log_softmax(-1)
        else:
            ids = [id for id in tokenizer(option).input_ids if id != tokenizer.eos_token_id]
            log = rows(name, model, ids, tokenizer(text).input_ids)[0].log_softmax(-1)
            alone = rows(name, model, ids, tokenizer("").input_ids)[0].log_softmax(-1)
        total = sum(float(log[index, id]) for index, id in enumerate(ids))
        unconditional = sum(float(alone[index, id]) for index, id in enumerate(ids))
        found.append({
            "text": option, "ids": ids, "logprob": total, "logprob_per_token": total / len(ids),
            "bits_per_byte": -bits(total) / len(option.encode()), "corrected": total - unconditional,
        })
    return {"text": text, "choices": sorted(found, key=lambda choice: -choice["logprob"])}


def main():
    classes = {
        "causal": GPT2LMHeadModel, "masked": BertForMaskedLM, "encoder-decoder": T5ForConditionalGeneration}
    expected = {"chain": CHAIN, "comparisons": {}, "choices": {}}
    for name, kind in classes.items():
        tokenizer = PreTrainedTokenizerFast.from_pretrained(PROGRAM / name)
        first = kind.from_pretrained(PROGRAM / name).double().eval()
        models = [first, second(name).double().eval()]
        expected["comparisons"][name] = [
            comparison(name, models, *(text if isinstance(text, list) else [text, None]), tokenizer)
            for text in TEXTS[name]
        ]
        if name in CHOICES:
            expected["choices"][name] = choices(name, first, tokenizer)
    (OUT / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
