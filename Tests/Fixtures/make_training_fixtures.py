#!/usr/bin/env python3
"""Makes Tests/Fixtures/training: the losses of short training runs with PyTorch on the tiny models of Tests/Fixtures.

Run after make_program_fixtures.py. Needs torch, transformers 5.24, safetensors, seqeval and scikit-learn; the output is
the same at every run.

    python3 Tests/Fixtures/make_training_fixtures.py

NAME.jsonl or NAME.tsv: the examples, which are one batch. classifier: a model with a classification head to start from
(its tokenizer is that of program/masked). losses.json: for each run its losses at every step, the mean over all targets,
before the step. AdamW, a linear schedule with a warmup of 10 steps, clipping at 1, weight decay 0.1 except for biases
and norms, without dropout, in single precision. Adam's epsilon is 1e-4: with less, the rounding errors of gradients
that are nearly zero become whole steps, and two correct programs differ. For the same reason the learning rate of
seq2seq, whose start is a model with large weights, is 5e-5 instead of 2e-3.

classify.tsv.gz: classify.tsv, compressed. tagger and tag.conll: a model that has learned some of the tags of these
sentences (its tokenizer is that of program/masked). evaluations.json: the figures of the tagger's predictions by
seqeval, and those of the classifier's and of several labels for each text by scikit-learn.
"""

import gzip
import json
import os

import torch
from seqeval import metrics as entity_metrics
from sklearn import metrics as label_metrics
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
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


TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"]
TAGGED = [
    ("Anna/B-PER Lee/I-PER went/O to/O New/B-LOC York/I-LOC", "it/O was/O late/O when/O she/O came/O home/O"),
    ("the/O door/O of/O the/B-ORG Red/I-ORG House/I-ORG was/O open/O", "Paris/B-LOC and/O Rome/B-LOC"),
    ("he/O met/O Tom/B-PER May/B-PER and/O the/O dog/O", "the/B-ORG Sun/I-ORG said/O that/O it/O would/O rain/O"),
    ("Lee/B-PER ran/O home/O", "New/B-ORG York/I-ORG Times/I-ORG of/O New/B-LOC York/I-LOC"),
]


def tag():
    folder = f"{HERE}/program/masked"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    torch.manual_seed(5)
    config = BertConfig.from_pretrained(
        folder, id2label=dict(enumerate(TAGS)), label2id={name: number for number, name in enumerate(TAGS)}
    )
    config.initializer_range = 0.2
    model = BertForTokenClassification(config)
    model.eval()
    rows = []
    for sentence in [sentence for pair in TAGGED for sentence in pair]:
        words, tags = zip(*(part.split("/") for part in sentence.split(" ")))
        text = " ".join(words)
        encoded = tokenizer(text, return_offsets_mapping=True)
        starts = {len(" ".join(words[:index])) + (index > 0): index for index in range(len(words))}
        # The first token of each word counts.
        positions = [
            index for index, (start, end) in enumerate(encoded["offset_mapping"]) if end > start and start in starts
        ]
        assert len(positions) == len(words)
        rows.append((words, list(tags), torch.tensor(encoded["input_ids"]), positions))

    def logits_of(ids, positions):
        return model(ids[None]).logits[0, positions]

    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(18):
        loss = sum(
            torch.nn.functional.cross_entropy(
                logits_of(ids, positions), torch.tensor([TAGS.index(name) for name in tags]), reduction="sum"
            )
            for _, tags, ids, positions in rows
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.save_pretrained(f"{HERE}/training/tagger")
    actual = [tags for _, tags, _, _ in rows]
    with torch.no_grad():
        logits = [logits_of(ids, positions) for _, _, ids, positions in rows]
    for row in logits:
        best = row.topk(2).values
        assert (best[:, 0] - best[:, 1] > 1e-3).all()
    predicted = [[TAGS[number] for number in row.argmax(-1)] for row in logits]
    with open(f"{HERE}/training/tag.conll", "w") as file:
        for words, tags, _, _ in rows:
            file.write("".join(f"{word} {name}\n" for word, name in zip(words, tags)) + "\n")
    return {
        "precision": entity_metrics.precision_score(actual, predicted),
        "recall": entity_metrics.recall_score(actual, predicted),
        "f1": entity_metrics.f1_score(actual, predicted),
        "accuracy": entity_metrics.accuracy_score(actual, predicted),
    }


def compress(name):
    with open(f"{HERE}/training/{name}", "rb") as file, open(f"{HERE}/training/{name}.gz", "wb") as compressed:
        compressed.write(gzip.compress(file.read(), mtime=0))


def classifier_figures():
    tokenizer = AutoTokenizer.from_pretrained(f"{HERE}/program/masked")
    model = BertForSequenceClassification.from_pretrained(f"{HERE}/training/classifier")
    actual, predicted = [], []
    with open(f"{HERE}/training/classify.tsv") as file:
        for line in file:
            label, text = line.rstrip("\n").split("\t")
            actual.append(label)
            with torch.no_grad():
                logits = model(torch.tensor(tokenizer(text)["input_ids"])[None]).logits[0]
            predicted.append(model.config.id2label[logits.argmax().item()])
    return {
        "accuracy": label_metrics.accuracy_score(actual, predicted),
        "macro_f1": label_metrics.f1_score(actual, predicted, average="macro", zero_division=0),
    }


def several_figures():
    actual, predicted = [[1, 0], [1, 1], [0, 1]], [[1, 1], [0, 1], [0, 1]]
    return {
        "accuracy": label_metrics.accuracy_score(actual, predicted),
        "micro_f1": label_metrics.f1_score(actual, predicted, average="micro"),
        "macro_f1": label_metrics.f1_score(actual, predicted, average="macro"),
    }


def main():
    torch.set_num_threads(1)
    os.makedirs(f"{HERE}/training", exist_ok=True)
    losses = {"causal": causal(), "seq2seq": seq2seq(), "classify": classify()}
    with open(f"{HERE}/training/losses.json", "w") as file:
        json.dump({name: [round(x, 6) for x in values] for name, values in losses.items()}, file)
        file.write("\n")
    compress("classify.tsv")
    evaluations = {"tag": tag(), "classify": classifier_figures(), "several": several_figures()}
    with open(f"{HERE}/training/evaluations.json", "w") as file:
        json.dump(evaluations, file)
        file.write("\n")


if __name__ == "__main__":
    main()
