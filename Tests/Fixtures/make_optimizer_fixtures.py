#!/usr/bin/env python3
"""Makes Tests/Fixtures/training/optimizers.json: the values of a matrix and a vector after each of five steps with
PyTorch's SGD and AdamW and transformers' Adafactor, with weight decay for the matrix alone.

Needs torch and transformers 5.24; the output is the same at every run.

    python3 Tests/Fixtures/make_optimizer_fixtures.py
"""

import json
import os

import torch
from transformers.optimization import Adafactor

HERE = os.path.dirname(os.path.abspath(__file__))
RATE = 0.1
DECAY = 0.05
STEPS = 5


def values(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def run(make):
    matrix = torch.nn.Parameter(values(1, 3, 4))
    vector = torch.nn.Parameter(values(2, 4))
    optimizer = make([{"params": [matrix], "weight_decay": DECAY}, {"params": [vector], "weight_decay": 0.0}])
    steps = []
    for step in range(STEPS):
        matrix.grad = values(10 + step, 3, 4)
        vector.grad = values(20 + step, 4)
        optimizer.step()
        steps.append({"matrix": matrix.flatten().tolist(), "vector": vector.tolist()})
    return steps


def main():
    results = {
        "start": {"matrix": values(1, 3, 4).flatten().tolist(), "vector": values(2, 4).tolist()},
        "gradients": [
            {"matrix": values(10 + step, 3, 4).flatten().tolist(), "vector": values(20 + step, 4).tolist()}
            for step in range(STEPS)
        ],
        "sgd": run(lambda groups: torch.optim.SGD(groups, lr=RATE, momentum=0.9)),
        "adamw": run(lambda groups: torch.optim.AdamW(groups, lr=RATE)),
        "adafactor": run(
            lambda groups: Adafactor(groups, lr=RATE, scale_parameter=False, relative_step=False, warmup_init=False)
        ),
    }
    with open(os.path.join(HERE, "training", "optimizers.json"), "w") as file:
        json.dump(results, file)
        file.write("\n")


if __name__ == "__main__":
    main()
