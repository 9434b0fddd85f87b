#!/usr/bin/env python3
"""Writes sampling/stages.json: reference values of the stages that are not in the default chain.

    python3 Tests/Fixtures/make_stage_fixtures.py

`epsilon-cutoff`, `eta-cutoff` and `top-h` use the warpers of transformers 5.24. The others are implemented here from llama.cpp's definitions, in double
precision and without optimizations: DRY by comparing every two places of a text, XTC and mirostat 2 on a sorted list. Cases whose result depends on
rounding are left out.
"""
import json, math, os
import numpy as np
import torch
from transformers.generation import logits_process as L

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(14)
ROWS = {
    "small": rng.normal(size=40) * 3, "flat": rng.normal(size=48) * 0.05, "peaked": rng.normal(size=40) * 12, "one": np.array([0.25]),
    "two": np.array([0.25, -1.5]), "ties": np.array([1, 2, 2, 0.5, 2, 1, 1, -3, 0.5, 2, 0, 0]), "large": rng.normal(size=1200) * 2.5,
    "zipf": rng.permutation(-np.log(np.arange(1, 1001)) * 1.1 + rng.normal(size=1000) * 0.3),
}
ROWS = {name: row.astype(np.float32) for name, row in ROWS.items()}
NONE = -np.inf


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def order(x):
    """Indices, highest first, ties to the lower id."""
    return sorted((i for i in range(len(x)) if x[i] > NONE), key=lambda i: (-x[i], i))


def near(values, threshold):
    return bool((np.abs(np.asarray(values) / threshold - 1) < 1e-5).any())


def reference(warper, x):
    return warper(None, torch.tensor(x, dtype=torch.float32)[None])[0].double().numpy()


def epsilon(x, s):
    if near(softmax(x), s["epsilon-cutoff"]): return None
    return reference(L.EpsilonLogitsWarper(s["epsilon-cutoff"]), x)


def eta(x, s):
    p, e = softmax(x), s["eta-cutoff"]
    entropy = -(p[p > 0] * np.log(p[p > 0])).sum()
    if near(p, min(e, math.sqrt(e) * math.exp(-entropy))): return None
    return reference(L.EtaLogitsWarper(e), x)


def top_h(x, s):
    kept = order(x)[:100]
    p = softmax(x[kept])
    parts = -p * np.log(np.where(p > 0, p, 1))
    if near(parts.cumsum(), parts.sum() * s["top-h"]) or len(set(x[kept])) < len(kept): return None
    return reference(L.TopHLogitsWarper(s["top-h"]), x)


def sigma(x, s):
    lowest = x.max() - s["top-n-sigma"] * x.std()
    if len(x) > 1 and (np.abs(x - lowest) < 1e-5).any(): return None
    return np.where(x >= lowest, x, NONE) if len(x) > 1 else x


def dynamic(x, s):
    t, r, e = s.get("temperature", 1), s["dynatemp-range"], s.get("dynatemp-exp", 1)
    if len(x) == 1: return x
    p = softmax(x)
    share = -(p[p > 0] * np.log(p[p > 0])).sum() / math.log(len(x))
    low = max(0, t - r)
    return x / (low + (t + r - low) * share ** e)


def xtc(x, s):
    if s["coin"] >= s["xtc-probability"] or s.get("xtc-threshold", 0.1) > 0.5: return x
    p = softmax(x)
    if near(p, s.get("xtc-threshold", 0.1)): return None
    choices = [i for i in order(x) if p[i] >= s.get("xtc-threshold", 0.1)]
    y = x.copy()
    y[choices[:-1]] = NONE
    return y


def final(x):
    p = softmax(x)
    found = [[i, float(p[i])] for i in range(len(p)) if x[i] > NONE]
    return dict(kept=len(found), final=found if len(found) <= 14 else found[:: len(found) // 14])


filters = []
def add(stage, row, **s):
    s = {k.replace("_", "-"): v for k, v in s.items()}
    y = stage(ROWS[row].astype(np.float64), s)
    if y is not None: filters.append(dict(row=row, coin=s.pop("coin", 0), settings=s, **final(y)))

for row in ROWS:
    for v in (0.0003, 0.002, 0.02, 0.09, 0.4, 0.99):
        add(epsilon, row, epsilon_cutoff=v)
        add(eta, row, eta_cutoff=v)
    for v in (0.05, 0.3, 0.4, 0.77, 0.95): add(top_h, row, top_h=v)
    for v in (0.1, 0.5, 1.0, 2.0, 4.5): add(sigma, row, top_n_sigma=v)
    for t, r, e in ((1, 0.5, 1), (0.8, 0.3, 2.5), (0.5, 2, 0.7), (1.5, 0.5, 0)): add(dynamic, row, temperature=t, dynatemp_range=r, dynatemp_exp=e)
    for v in (0.005, 0.1, 0.2, 0.5, 0.6):
        for coin in (0, 0.3, 0.7): add(xtc, row, xtc_probability=0.5, xtc_threshold=v, coin=coin)


# DRY: the penalty of each id.
def starts_breaker(text, i, breakers):
    """The number of ids after the longest breaker that begins at a place; None if there is none."""
    ends = [len(text) - i - len(b) for b in breakers if text[i:i + len(b)] == b]
    return min(ends) if ends else None


def dry(text, breakers, s):
    m, base, allowed, last = s["dry-multiplier"], s.get("dry-base", 1.75), s.get("dry-allowed-length", 2), s.get("dry-penalty-last-n", -1)
    t = text if last < 0 else text[max(0, len(text) - last):]
    limit = len(t)
    for i in reversed(range(len(t))):
        rest = starts_breaker(t, i, breakers)
        if rest is not None:
            limit = rest
            break
    longest = {}
    if len(t) <= allowed or limit < allowed: return {}
    for e in range(len(t) - 1):
        n = 0
        while n <= e and t[e - n] == t[len(t) - 1 - n]: n += 1
        n = min(n, limit)
        if n >= allowed: longest[t[e + 1]] = max(n, longest.get(t[e + 1], 0))
    most = int(88.7228391 / math.log(base)) if base > 1.000001 else 10 ** 9
    return {i: m * base ** min(n - allowed, most) for i, n in longest.items() if [i] not in breakers}


repetitions = []
for _ in range(160):
    ids = int(rng.integers(2, 7))
    text = rng.integers(0, ids, int(rng.integers(1, 40))).tolist()
    if rng.random() < 0.4: text = text + text[: int(rng.integers(1, len(text) + 1))]
    split = int(rng.integers(0, len(text) + 1))
    breakers = [b for b in ([[0]], [], [[1], [0, 2]], [[3, 1, 2], [3, 1]], [[2], [2, 1]])[int(rng.integers(0, 5))]]
    s = {"dry-multiplier": float(rng.choice([0.8, 1.5])), "dry-base": float(rng.choice([1.0, 1.75, 3.0])), "dry-allowed-length": int(rng.integers(0, 5)),
         "dry-penalty-last-n": int(rng.choice([-1, -1, 5, 12, 64]))}
    found = dry(text, breakers, s)
    repetitions.append(dict(prompt=text[:split], output=text[split:], breakers=breakers, settings=s, penalties=sorted([i, p] for i, p in found.items())))
long = [1] * 400
repetitions.append(dict(prompt=long, output=[], breakers=[], settings={"dry-multiplier": 0.5}, penalties=[[1, dry(long, [], {"dry-multiplier": 0.5})[1]]]))


# Mirostat 2: the ids drawn from rows with given coins, and the bound after each.
def mirostat(rows, coins, tau, eta):
    mu, steps = 2 * tau, []
    for x, coin in zip(rows, coins):
        surprise = -np.log2(softmax(x))
        if (np.abs(surprise - mu) < 1e-4).any(): return None
        kept = [i for i in range(len(x)) if surprise[i] <= mu] or [order(x)[0]]
        p = softmax(x[kept])
        cumulative = p.cumsum()
        if (np.abs(cumulative - coin) < 1e-5).any(): return None
        drawn = int(np.searchsorted(cumulative, coin, side="right"))
        mu -= eta * (-math.log2(p[drawn]) - tau)
        steps.append(dict(kept=len(kept), id=kept[drawn], bound=mu))
    return steps


streams = []
while len(streams) < 12:
    tau, eta = float(rng.choice([0.5, 1.5, 3, 5])), float(rng.choice([0.1, 0.5]))
    rows = (rng.normal(size=(12, 30)) * 2).astype(np.float32)
    coins = rng.random(12).round(6)
    steps = mirostat(rows.astype(np.float64), coins, tau, eta)
    if steps: streams.append(dict(rows=rows.tolist(), coins=coins.tolist(), tau=tau, eta=eta, steps=steps))


def rounded(o):
    if isinstance(o, float): return float(f"{o:.8g}")
    if isinstance(o, dict): return {k: rounded(v) for k, v in o.items()}
    if isinstance(o, list): return [rounded(v) for v in o]
    return o
out = os.path.join(HERE, "sampling", "stages.json")
json.dump(dict(rows={k: v.tolist() for k, v in ROWS.items()}, filters=rounded(filters), repetitions=rounded(repetitions), streams=rounded(streams)),
          open(out, "w"), separators=(",", ":"))
print(len(filters), "cases of filters,", len(repetitions), "of repetitions,", len(streams), "streams,", os.path.getsize(out), "bytes")
