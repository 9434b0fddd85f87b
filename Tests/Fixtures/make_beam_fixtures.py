#!/usr/bin/env python3
"""Makes Tests/Fixtures/generation/beams.json: beam sampling and diverse beam search of the tiny models in generation/.

    python3 Tests/Fixtures/make_beam_fixtures.py        (transformers 5.24, torch)

peaked:       beam sampling at temperatures so low that the draws are the best continuations. The reference is transformers' beam search with its
              warpers as processors. (Its beam sampling is not usable here: in single precision most probabilities are 0, and it draws arbitrary ids.)
distribution: the exact distribution of the best hypothesis of beam sampling over two tokens, by enumeration of every draw without
              replacement; the script compares transformers' own draws with it.
diverse:      diverse beam search with Hamming diversity (Vijayakumar et al. 2016), implemented here on the models' logits, because transformers
              5.24 no longer has it. The rules are those of `_group_beam_search`, `BeamSearchScorer` and `HammingDiversityLogitsProcessor` of transformers 4.55.
A case is kept only if the ids stay the same with noise on the logits, of 1e-3 (peaked) or 3e-5 (diverse).
"""
import itertools, json, math, os, warnings
import torch
from transformers import GPT2LMHeadModel, T5ForConditionalGeneration, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper, TypicalLogitsWarper, logging
from transformers.generation import (LogitsProcessorList, MinPLogitsWarper, MinNewTokensLengthLogitsProcessor, NoRepeatNGramLogitsProcessor,
                                     RepetitionPenaltyLogitsProcessor)

logging.set_verbosity_error()
warnings.filterwarnings("ignore")
torch.set_num_threads(1)
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "generation")


class Model:
    """A model with its logits after several texts, optionally with noise."""
    def __init__(self, name, kind, seed):
        self.model = kind.from_pretrained(os.path.join(HERE, name), attn_implementation="eager").eval()
        self.seq2seq = self.model.config.is_encoder_decoder
        self.vocabulary = self.model.config.vocab_size
        self.g = torch.Generator().manual_seed(seed)
        self.shake = 0

    def pick(self, *values): return values[int(torch.randint(len(values), (1,), generator=self.g))]
    def ids(self, n): return torch.randint(2, self.vocabulary, (n,), generator=self.g).tolist()

    @torch.no_grad()
    def logits(self, prompt, texts):
        texts = torch.tensor(texts)
        if self.seq2seq: out = self.model(input_ids=torch.tensor([prompt] * len(texts)), decoder_input_ids=texts).logits
        else: out = self.model(texts).logits
        out = out[:, -1].float()
        if self.shake: out = out + self.shake * torch.randn(out.shape)
        return out


def shaken(m, size):
    """Adds noise to the logits of a model's forward pass."""
    inner = type(m.model).forward
    def forward(*a, **k):
        out = inner(m.model, *a, **k)
        out.logits = out.logits + size * torch.randn(out.logits.shape)
        return out
    if size: m.model.forward = forward
    elif "forward" in m.model.__dict__: del m.model.forward


class MinP(MinPLogitsWarper):
    """transformers' warper keeps the ids of highest probability; at these temperatures many are 0, so this one keeps those of highest score."""
    def __call__(self, input_ids, scores):
        kept = torch.topk(scores, min(self.min_tokens_to_keep, scores.shape[-1])).indices
        removed = scores < scores.amax(-1, keepdim=True) + math.log(self.min_p)
        return scores.masked_fill(removed.scatter(-1, kept, False), self.filter_value)


def warpers(o):
    least = max(2, len(o["eos"]) + 1)
    list = LogitsProcessorList([TemperatureLogitsWarper(o["temperature"])])
    if o["topK"]: list.append(TopKLogitsWarper(o["topK"], min_tokens_to_keep=least))
    if o["topP"] < 1: list.append(TopPLogitsWarper(o["topP"], min_tokens_to_keep=least))
    if o["minP"]: list.append(MinP(o["minP"], min_tokens_to_keep=least))
    if o["typicalP"] < 1: list.append(TypicalLogitsWarper(o["typicalP"], min_tokens_to_keep=least))
    return list


@torch.no_grad()
def search(m, prompt, o, seed=None):
    """The best hypothesis of transformers' beam sampling; without a seed, of its beam search with the sampling warpers."""
    how = dict(do_sample=False, logits_processor=warpers(o))
    if seed is not None:
        torch.manual_seed(seed)
        how = dict(do_sample=True, temperature=o["temperature"], top_k=o["topK"], top_p=o["topP"], min_p=o["minP"] or None, typical_p=o["typicalP"])
    ids = torch.tensor([prompt])
    out = m.model.generate(
        ids, attention_mask=torch.ones_like(ids), num_beams=o["beams"], max_new_tokens=o["max"], repetition_penalty=o["repetition"],
        no_repeat_ngram_size=o["ngram"], min_new_tokens=o["min"] or None, length_penalty=float(o["penalty"]),
        early_stopping={"true": True, "false": False}.get(o["stopping"], "never"), eos_token_id=o["eos"] or None, pad_token_id=0,
        bos_token_id=0, return_dict_in_generate=True, output_scores=True, **how)
    new = out.sequences[0].tolist()[1 if m.seq2seq else len(prompt):]
    at = [i for i, id in enumerate(new) if id in o["eos"]]
    return dict(ids=new[:at[0] + 1] if at else new[:o["max"]], score=out.sequences_scores[0].item())


def ends(m, prompt, o):
    """End-of-text ids, some of them likely."""
    if m.pick(0, 1, 1) == 0: return m.pick([1], [5], m.ids(5), [])
    made = search(m, prompt, o | dict(eos=[], min=0, max=10))["ids"]
    return sorted({m.pick(*made) for _ in range(m.pick(1, 2))})


def peaked(m, count):
    cases, tried = [], 0
    while len(cases) < count:
        tried += 1
        o = dict(beams=m.pick(2, 3, 4), max=m.pick(1, 4, 9), temperature=m.pick(0.0001, 0.0002), topK=m.pick(0, 1, 2, 5), topP=m.pick(1.0, 0.9, 0.3),
                 minP=m.pick(0, 0, 0.2), typicalP=m.pick(1.0, 1.0, 0.6), repetition=m.pick(1.0, 1.0, 1.3), ngram=m.pick(0, 0, 2), min=m.pick(0, 0, 3),
                 penalty=m.pick(1, 0, 2), stopping=m.pick("true", "false", "never"), eos=[])
        prompt = m.ids(m.pick(1, 2, 5, 9))
        o["eos"] = ends(m, prompt, o)
        if not o["eos"]: o["min"] = 0
        answer = search(m, prompt, o)
        torch.manual_seed(0)
        shaken(m, 1e-3)
        others = [search(m, prompt, o)["ids"] for _ in range(4)]
        shaken(m, 0)
        if any(ids != answer["ids"] for ids in others) or answer["score"] < -1e8: continue
        cases.append(dict(prompt=prompt, options=o, answers=[answer]))
    print("peaked", m.model.config.model_type, count, "of", tried, "ended", sum(c["answers"][0]["ids"][-1] in c["options"]["eos"] for c in cases))
    return cases


def distribution(m, prompt, beams, top_k, temperature):
    """The exact distribution of the best of `beams` hypotheses after two tokens, without end of text: each step draws 2 * beams continuations."""
    chain = LogitsProcessorList([TemperatureLogitsWarper(temperature), TopKLogitsWarper(top_k, min_tokens_to_keep=2)])
    def continuations(texts, sums):
        lp = torch.log_softmax(m.logits(prompt, texts), -1)
        lp = chain(torch.tensor(texts), lp).double()
        return [(t + [i], s + lp[b, i].item()) for b, (t, s) in enumerate(zip(texts, sums)) for i in range(lp.shape[1]) if lp[b, i] > -math.inf]
    def draws(items):
        """Every set of 2 * beams items, with its probability under successive draws in proportion to e^sum."""
        top = max(s for _, s in items)
        p = [math.exp(s - top) for _, s in items]
        total = sum(p)
        def probability(chosen):
            # Sum over all orders of the draws, by recursion on subsets.
            known = {frozenset(): 1.0}
            for size in range(1, len(chosen) + 1):
                new = {}
                for subset in itertools.combinations(chosen, size):
                    new[frozenset(subset)] = sum(
                        known[frozenset(subset) - {last}] * p[last] / (total - sum(p[i] for i in subset if i != last)) for last in subset)
                known = new
            return known[frozenset(chosen)]
        for chosen in itertools.combinations(range(len(items)), min(2 * beams, len(items))):
            yield probability(chosen), sorted((items[i] for i in chosen), key=lambda item: -item[1])
    start = [0] if m.seq2seq else list(prompt)
    found = {}
    for p, first in draws(continuations([start], [0.0])):
        running = first[:beams]
        for q, second in draws(continuations([t for t, _ in running], [s for _, s in running])):
            best = tuple(second[0][0][len(start):])
            found[best] = found.get(best, 0) + p * q
    assert abs(sum(found.values()) - 1) < 1e-9
    o = dict(beams=beams, max=2, temperature=temperature, topK=top_k, topP=1.0, minP=0, typicalP=1.0, repetition=1.0, ngram=0, min=0, penalty=1,
             stopping="false", eos=[])
    runs, counts = 3000, {}
    for seed in range(runs):
        ids = tuple(search(m, prompt, o, seed)["ids"])
        counts[ids] = counts.get(ids, 0) + 1
    chi, cells = chi_square(found, counts, runs)
    print("distribution", m.model.config.model_type, len(found), "outcomes; transformers' chi-square", round(chi, 1), "of", cells - 1, "degrees of freedom")
    assert chi < cells - 1 + 4 * math.sqrt(2 * (cells - 1))
    return dict(prompt=prompt, options=o, outcomes=[dict(ids=list(k), probability=v) for k, v in sorted(found.items(), key=lambda item: -item[1])])


def chi_square(expected, counts, runs):
    chi, cells, rest, seen = 0, 1, 1.0, 0
    for key, p in expected.items():
        if p * runs < 8: continue
        chi += (counts.get(key, 0) - p * runs) ** 2 / (p * runs)
        cells, rest, seen = cells + 1, rest - p, seen + counts.get(key, 0)
    if rest * runs >= 1: chi += (runs - seen - rest * runs) ** 2 / (rest * runs)
    return chi, cells


def diverse(m, prompt, o):
    """Diverse beam search: the hypotheses of all groups, best first."""
    beams, groups, eos, penalty = o["beams"], o["groups"], o["eos"], o["penalty"]
    size, pad, kept = beams // groups, 0, max(2, 1 + len(eos)) * (beams // groups)
    start = [0] if m.seq2seq else list(prompt)
    processors = LogitsProcessorList()
    if o["repetition"] != 1: processors.append(RepetitionPenaltyLogitsProcessor(float(o["repetition"])))
    if o["ngram"]: processors.append(NoRepeatNGramLogitsProcessor(o["ngram"]))
    if o["min"] and eos: processors.append(MinNewTokensLengthLogitsProcessor(len(start), o["min"], torch.tensor(eos)))
    running = [[(list(start), 0.0 if b == 0 else -1e9) for b in range(size)] for _ in range(groups)]
    finished, done = [[] for _ in range(groups)], [False] * groups
    def add(g, text, total, length):
        score = total / length ** penalty
        if len(finished[g]) < size or score > min(s for s, _ in finished[g]):
            finished[g].append((score, text))
            if len(finished[g]) > size: finished[g].remove(min(finished[g], key=lambda f: f[0]))
    for step in range(1, o["max"] + 1):
        current = []
        for g in range(groups):
            if done[g]:
                current += [pad] * size
                continue
            texts = [t for t, _ in running[g]]
            lp = torch.log_softmax(m.logits(prompt, texts), -1)
            lp -= o["diversity"] * torch.bincount(torch.tensor(current, dtype=torch.long), minlength=m.vocabulary)
            lp = processors(torch.tensor(texts), lp)
            sums = (lp + torch.tensor([s for _, s in running[g]])[:, None]).reshape(-1)
            values, places = torch.topk(sums, kept)
            following = []
            for rank, (value, place) in enumerate(zip(values.tolist(), places.tolist())):
                beam, id = divmod(place, m.vocabulary)
                if id in eos:
                    if rank < size: add(g, texts[beam] + [id], value, step)
                else: following.append((texts[beam] + [id], value))
                if len(following) == size: break
            running[g] = following
            current += [t[-1] for t, _ in following]
            if len(finished[g]) == size:
                worst = min(s for s, _ in finished[g])
                length = o["max"] if o["stopping"] == "never" and penalty > 0 else step
                done[g] = o["stopping"] == "true" or worst >= values.max().item() / length ** penalty
        if all(done): break
    for g in range(groups):
        if not done[g]:
            for text, total in running[g]: add(g, text, total, step)
    best = sorted((f for g in finished for f in g), key=lambda f: -f[0])
    return [dict(ids=t[len(start):], score=s) for s, t in best if s > -1e6]


def diverse_cases(m, count):
    cases, dropped = [], 0
    while len(cases) < count:
        groups = m.pick(2, 2, 3, 4)
        o = dict(beams=groups * m.pick(1, 1, 2, 3), groups=groups, diversity=m.pick(0.2, 0.7, 1.5, 5.0), max=m.pick(1, 4, 9, 14), penalty=m.pick(-1, 0, 1, 1, 2),
                 stopping=m.pick("true", "false", "never"), repetition=m.pick(1.0, 1.0, 1.3), ngram=m.pick(0, 0, 2), min=m.pick(0, 0, 3), eos=[])
        prompt = m.ids(m.pick(1, 2, 5, 9))
        o["eos"] = m.pick([1], [5], m.ids(5))
        if m.pick(0, 1, 1):
            made = [i for a in diverse(m, prompt, o | dict(eos=[], min=0, max=8)) for i in a["ids"]]
            o["eos"] = sorted({m.pick(*made) for _ in range(m.pick(1, 2))})
        answers = diverse(m, prompt, o)
        torch.manual_seed(0)
        m.shake = 3e-5
        others = [[a["ids"] for a in diverse(m, prompt, o)] for _ in range(4)]
        m.shake = 0
        if any(ids != [a["ids"] for a in answers] for ids in others):
            dropped += 1
            continue
        cases.append(dict(prompt=prompt, options=o, answers=answers))
    print("diverse", m.model.config.model_type, count, "cases,", dropped, "dropped,", sum(a["ids"][-1] in c["options"]["eos"] for c in cases for a in c["answers"]), "ended")
    return cases


def rounded(o):
    if isinstance(o, float): return float(f"{o:.8g}")
    if isinstance(o, dict): return {k: rounded(v) for k, v in o.items()}
    if isinstance(o, list): return [rounded(v) for v in o]
    return o


models = dict(gpt2=Model("gpt2", GPT2LMHeadModel, 11), t5=Model("t5", T5ForConditionalGeneration, 12))
result = {name: dict(peaked=peaked(m, 40), distribution=[distribution(m, m.ids(4), 2, 6, 1.5)], diverse=diverse_cases(m, 60)) for name, m in models.items()}
path = os.path.join(HERE, "beams.json")
json.dump(rounded(result), open(path, "w"), separators=(",", ":"))
print("beams.json", os.path.getsize(path), "bytes")
