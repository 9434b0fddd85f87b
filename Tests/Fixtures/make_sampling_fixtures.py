#!/usr/bin/env python3
"""Writes sampling/chains.json and rules.json: the results of transformers' (5.24) logits processors and warpers for seeded random logits.

    python3 Tests/Fixtures/make_sampling_fixtures.py

Each case is a row of logits, a text so far, settings and an order of stages; the result is, after each stage, the number of ids kept, the entropy in
bits and the most probable ids, and at the end every probability. Presence and frequency penalties, which transformers lacks, follow the formula of
their definition. Cases whose result depends on rounding (mass within 1e-5 of a threshold) are left out.
"""
import json, math, os
import torch
from transformers.generation import logits_process as L

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULT = ["logit-bias", "repetition", "presence", "frequency", "no-repeat-ngram", "min-tokens", "temperature", "top-k",
           "top-p", "min-p", "typical-p"]
INF = float("inf")


def rows():
    g = torch.Generator().manual_seed(11)
    r = {}
    r["small"] = torch.randn(40, generator=g) * 3
    r["flat"] = torch.randn(48, generator=g) * 0.05
    r["peaked"] = torch.randn(40, generator=g) * 12
    r["one"] = torch.tensor([0.25])
    r["two"] = torch.tensor([0.25, -1.5])
    ties = torch.tensor([1.0, 2.0, 2.0, 0.5, 2.0, 1.0, 1.0, -3.0, 0.5, 2.0, -0.0, 0.0])
    r["ties"] = ties
    removed = torch.randn(40, generator=g) * 3
    removed[[0, 7, 8, 21, 39]] = -INF
    r["removed"] = removed
    r["large"] = torch.randn(1200, generator=g) * 2.5
    zipf = -torch.log(torch.arange(1, 1001).float()) * 1.1 + torch.randn(1000, generator=g) * 0.3
    r["zipf"] = zipf[torch.randperm(1000, generator=g)]
    return r


def stage(name, s, scores, prompt, output, eos):
    """Applies one stage of transformers to one row; None if the stage is off."""
    ids = torch.tensor([prompt + output], dtype=torch.long)
    x = scores[None]
    if name == "logit-bias":
        if not s.get("logit-bias"): return None
        return L.SequenceBiasLogitsProcessor({(int(i),): float(b) for i, b in s["logit-bias"].items()})(ids, x)[0]
    if name == "repetition":
        if s.get(name, 1) == 1: return None
        return L.RepetitionPenaltyLogitsProcessor(s[name])(ids, x)[0]
    if name in ("presence", "frequency"):
        if s.get(name, 0) == 0: return None
        n = torch.bincount(torch.tensor(output, dtype=torch.long), minlength=len(scores)).float()
        return scores - s[name] * ((n > 0).float() if name == "presence" else n)
    if name == "no-repeat-ngram":
        return L.NoRepeatNGramLogitsProcessor(s[name])(ids, x)[0] if s.get(name, 0) else None
    if name == "min-tokens":
        if not s.get(name, 0): return None
        return L.MinNewTokensLengthLogitsProcessor(len(prompt), s[name], eos)(ids, x)[0]
    if name == "temperature":
        return L.TemperatureLogitsWarper(s[name])(ids, x)[0] if s.get(name, 1) != 1 else None
    if name == "top-k":
        return L.TopKLogitsWarper(s[name])(ids, x)[0] if s.get(name, 0) else None
    if name == "top-p":
        return L.TopPLogitsWarper(s[name])(ids, x)[0] if s.get(name, 1) < 1 else None
    if name == "min-p":
        return L.MinPLogitsWarper(s[name])(ids, x)[0] if s.get(name, 0) else None
    if name == "typical-p":
        return L.TypicalLogitsWarper(s[name])(ids, x)[0] if s.get(name, 1) < 1 else None
    raise KeyError(name)


def hangs_on_rounding(name, s, scores):
    p = torch.softmax(scores.double(), -1)
    if name == "top-p" and s.get(name, 1) < 1:
        return bool(((torch.sort(p)[0].cumsum(-1) - (1 - s[name])).abs() < 1e-5).any())
    if name == "min-p" and s.get(name, 0):
        return bool(((p / p.max() - s[name]).abs() < 1e-5).any()) and s[name] < 1
    if name == "typical-p" and s.get(name, 1) < 1:
        lp = torch.log_softmax(scores.double(), -1)
        shifted = (-lp + torch.nansum(p * lp)).abs()
        order = torch.argsort(shifted, stable=True)
        mass = p[order].cumsum(-1)
        if bool(((mass - s[name]).abs() < 1e-5).any()): return True
        gaps = shifted[order].diff().abs()
        return bool(((gaps > 0) & (gaps < 1e-6)).any())
    return False


def run(row, scores, s, order, prompt, output, eos):
    x, stages = scores.clone(), []
    for name in order:
        if hangs_on_rounding(name, s, x): return None
        y = stage(name, s, x, prompt, output, eos)
        if y is None:
            stages.append(dict(name=name))  # off: the same values as before it
            continue
        if not torch.isfinite(y).any(): return None  # transformers has no valid result
        x = y
        p = torch.softmax(x.double(), -1)
        top = sorted(range(len(p)), key=lambda i: (-x[i].item(), i))[:3]
        h = -sum(q * math.log2(q) for q in p.tolist() if q > 0)
        stages.append(dict(name=name, kept=int(torch.isfinite(x).sum()), entropy=h,
                           top=[[i, p[i].item()] for i in top if x[i] > -INF]))
    p = torch.softmax(x.double(), -1)
    final = [[i, p[i].item()] for i in range(len(p)) if x[i] > -INF]
    if len(final) > 12: final = final[:: len(final) // 12]
    return dict(row=row, settings={k: v for k, v in s.items()}, order=order, prompt=prompt, output=output, eos=eos,
                stages=stages, final=final)


R = rows()
g = torch.Generator().manual_seed(5)
def pick(*values): return values[int(torch.randint(len(values), (1,), generator=g))]
cases = []
def case(row, order=DEFAULT, prompt=(), output=(), eos=(), **s):
    s = {k.replace("_", "-"): v for k, v in s.items()}
    c = run(row, R[row], s, list(order), list(prompt), list(output), list(eos))
    if c: cases.append(c)

for row in R:
    case(row)
    for v in (0.01, 0.3, 0.7, 1.5, 40.0): case(row, temperature=v)
    for v in (1, 2, 3, 10, 41, 700, 5000): case(row, top_k=v)
    for v in (0.0, 0.05, 0.3, 0.5, 0.77, 0.9, 0.95, 0.999): case(row, top_p=v)
    for v in (0.001, 0.05, 0.3, 1.0): case(row, min_p=v)
    for v in (0.02, 0.2, 0.5, 0.9, 0.97): case(row, typical_p=v)
text = dict(prompt=[3, 5, 7, 3, 5], output=[9, 3, 5, 9, 9])
for row in ("small", "flat", "removed", "peaked"):
    for v in (0.5, 1.1, 1.7): case(row, **text, repetition=v)
    for v in (0.7, -0.4): case(row, **text, presence=v)
    for v in (0.7, -0.4): case(row, **text, frequency=v)
    for v in (1, 2, 3, 4, 30): case(row, prompt=[3, 5, 7, 3, 5], output=[9, 3, 5], no_repeat_ngram=v)
    for v in (2, 5, 6): case(row, **text, eos=[1, 12], min_tokens=v)
    case(row, **text, logit_bias={"3": 2.5, "11": -4.0, "20": 100.0})
# Random combinations in random orders.
for _ in range(150):
    row = pick("small", "flat", "peaked", "removed", "large", "zipf", "ties")
    n = len(R[row])
    ids = lambda k: torch.randint(0, min(n, 12), (k,), generator=g).tolist()
    order = list(DEFAULT)
    if pick(0, 1): order = [DEFAULT[i] for i in torch.randperm(len(DEFAULT), generator=g).tolist()]
    if pick(0, 0, 1): order = order[: pick(3, 6, 9)]
    s = dict(temperature=pick(1, 0.6, 1.4), top_k=pick(0, 0, 3, 15, 200), top_p=pick(1, 0.4, 0.85, 0.98),
             min_p=pick(0, 0, 0.02, 0.2), typical_p=pick(1, 1, 0.3, 0.9), repetition=pick(1, 1, 1.3),
             presence=pick(0, 0.5), frequency=pick(0, 0.3), no_repeat_ngram=pick(0, 0, 2, 3), min_tokens=pick(0, 3, 20),
             logit_bias=pick({}, {"1": 1.5, "4": -2.0}))
    case(row, order, prompt=ids(6), output=ids(7), eos=[2], **s)

def numbers(row): return [x if math.isfinite(x) else "-inf" for x in row.tolist()]
out = os.path.join(HERE, "sampling", "chains.json")
os.makedirs(os.path.dirname(out), exist_ok=True)
def rounded(o):
    if isinstance(o, float): return float(f"{o:.7g}")
    if isinstance(o, dict): return {k: rounded(v) for k, v in o.items()}
    if isinstance(o, list): return [rounded(v) for v in o]
    return o
json.dump(dict(rows={k: numbers(v) for k, v in R.items()}, cases=rounded(cases)), open(out, "w"), separators=(",", ":"))
print(len(cases), "cases,", os.path.getsize(out), "bytes")


# rules.json: the processors that depend on the text and on the encoder's input, each separately, and all in the order
# of transformers: before the repetition penalty (sequence bias, encoder repetition, encoder n-grams) or after it
# (length decay, renormalization).
def rules(row, source, prompt, output, eos, **s):
    ids, x = torch.tensor([prompt + output]), R[row][None].clone()
    encoder = torch.tensor([source if source is not None else prompt])
    if s.get("bias"): x = L.SequenceBiasLogitsProcessor([[list(i), float(b)] for i, b in s["bias"]])(ids, x)
    if s.get("penalty", 1) != 1: x = L.EncoderRepetitionPenaltyLogitsProcessor(float(s["penalty"]), encoder)(ids, x)
    if s.get("repetition", 1) != 1: x = L.RepetitionPenaltyLogitsProcessor(float(s["repetition"]))(ids, x)
    if s.get("ngram", 0): x = L.EncoderNoRepeatNGramLogitsProcessor(s["ngram"], encoder)(ids, x)
    if s.get("decay"): x = L.ExponentialDecayLengthPenalty(s["decay"], eos, len(prompt))(ids, x)
    if s.get("renormalize"): x = L.LogitNormalization()(ids, x)
    return dict(row=row, source=source, prompt=prompt, output=output, eos=eos, scores=numbers(x[0]), **s)


found = []
for row in ("small", "flat", "peaked", "removed"):
    for source in (None, [3, 9, 3, 5, 30, 9]):
        for output in ([], [9, 3, 5], [9, 3, 5, 9, 9, 11]):
            for s in (dict(bias=[[[4], 2.5], [[9, 11], -1.5], [[4], -3.25]]), dict(bias=[[[5, 2], 1.25], [[2], -4.5], [[3, 5, 2], 0.75], [[9, 9, 2], 9]]),
                      dict(penalty=1.7), dict(penalty=0.4), dict(ngram=1), dict(ngram=2), dict(ngram=3), dict(ngram=9), dict(decay=[2, 1.3]),
                      dict(decay=[0, 0.5]), dict(decay=[1, -2.0]), dict(renormalize=True),
                      dict(bias=[[[5, 2], 1.25], [[2], -4.5]], penalty=1.3, repetition=1.2, ngram=2, decay=[1, 1.1], renormalize=True)):
                found.append(rules(row, source, [3, 5, 7, 3, 5], output, [2, 21], **s))
out = os.path.join(HERE, "sampling", "rules.json")
json.dump(dict(rows={k: numbers(R[k]) for k in ("small", "flat", "peaked", "removed")}, cases=rounded(found)), open(out, "w"), separators=(",", ":"))
print(len(found), "cases of rules,", os.path.getsize(out), "bytes")
