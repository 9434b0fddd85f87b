#!/usr/bin/env python3
"""Makes Tests/Fixtures/training: the losses of short training runs with PyTorch on the tiny models of Tests/Fixtures.

Run after make_program_fixtures.py. Needs torch, transformers 5.24 and safetensors; the output is the same at every run.

    python3 Tests/Fixtures/make_training_fixtures.py

NAME.jsonl or NAME.tsv: the examples, which are one batch. classifier: a model with a classification head to start from
(its tokenizer is that of program/masked). losses.json: for each run its losses at every step, the mean over all targets,
before the step. AdamW, a linear schedule with a warmup of 10 steps, clipping at 1, weight decay 0.1 except for biases
and norms, without dropout, in single precision. Adam's epsilon is 1e-4: with less, the rounding errors of gradients
that are nearly zero become whole steps, and two correct programs differ. For the same reason the learning rate of
seq2seq, whose start is a model with large weights, is 5e-5 instead of 2e-3.
"""

import json
import os

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    get_linear_schedule_with_warmup,
)

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 200
NAMES = {0: "long", 1: "short", 2: "wet"}
TEXTS = [
    "the cat sat on the mat",
    "a small dog ran",
    "it was late when she came home and closed the door",
    "rain",
    "the door was open and the light was on",
    "he said that it would rain on the day after",
]


def train(model, loss_of, rate=2e-3):
    """The losses of a run; `loss_of` gives the sum over targets and their number."""
    model.eval()
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], lr=rate, eps=1e-4
    )
    schedule = get_linear_schedule_with_warmup(optimizer, 10, STEPS)
    losses = []
    for _ in range(STEPS):
        total, count = loss_of(model)
        loss = total / count
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def causal():
    folder = f"{HERE}/program/causal"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    end = [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else []
    rows = [tokenizer(text)["input_ids"] + end for text in TEXTS]

    def loss_of(model):
        total, count = 0, 0
        for ids in rows:
            ids = torch.tensor(ids)
            logits = model(ids[None]).logits[0, :-1]
            total = total + torch.nn.functional.cross_entropy(logits, ids[1:], reduction="sum")
            count += len(ids) - 1
        return total, count

    with open(f"{HERE}/training/causal.jsonl", "w") as file:
        for text in TEXTS:
            file.write(json.dumps({"text": text}) + "\n")
    return train(model, loss_of)


def seq2seq():
    folder = f"{HERE}/program/encoder-decoder"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    pairs = list(zip(TEXTS, reversed(TEXTS)))

    def loss_of(model):
        total, count = 0, 0
        for source, target in pairs:
            labels = torch.tensor(tokenizer(target)["input_ids"])
            start = torch.tensor([model.config.decoder_start_token_id])
            logits = model(
                torch.tensor(tokenizer(source)["input_ids"])[None], decoder_input_ids=torch.cat([start, labels[:-1]])[None]
            ).logits[0]
            total = total + torch.nn.functional.cross_entropy(logits, labels, reduction="sum", label_smoothing=0.1)
            count += len(labels)
        return total, count

    with open(f"{HERE}/training/seq2seq.jsonl", "w") as file:
        for source, target in pairs:
            file.write(json.dumps({"source": source, "target": target}) + "\n")
    return train(model, loss_of, rate=5e-5)


def classify():
    folder = f"{HERE}/program/masked"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    torch.manual_seed(7)
    config = BertConfig.from_pretrained(folder, id2label=NAMES, label2id={name: number for number, name in NAMES.items()})
    config.initializer_range = 0.2
    model = BertForSequenceClassification(config)
    model.save_pretrained(f"{HERE}/training/classifier")
    labels = ["long" if len(text) > 30 else "wet" if "rain" in text else "short" for text in TEXTS]

    def loss_of(model):
        total = 0
        for text, label in zip(TEXTS, labels):
            logits = model(torch.tensor(tokenizer(text)["input_ids"])[None]).logits
            total = total + torch.nn.functional.cross_entropy(
                logits, torch.tensor([model.config.label2id[label]]), reduction="sum"
            )
        return total, len(TEXTS)

    with open(f"{HERE}/training/classify.tsv", "w") as file:
        for text, label in zip(TEXTS, labels):
            file.write(f"{label}\t{text}\n")
    return train(model, loss_of)


def main():
    torch.set_num_threads(1)
    os.makedirs(f"{HERE}/training", exist_ok=True)
    losses = {"causal": causal(), "seq2seq": seq2seq(), "classify": classify()}
    with open(f"{HERE}/training/losses.json", "w") as file:
        json.dump({name: [round(x, 6) for x in values] for name, values in losses.items()}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
