#!/usr/bin/env python3
"""Runs triptych and transformers 5.24 side by side with random settings, and reports where they differ.

    python3 Tests/Fixtures/differential.py [--program .build/debug/triptych] [--runs 2000] [--seed 1] [--only N] [--fixture]

Each run takes one of the tiny models of `program/`, writes a generation_config.json of random keys and values (also null, of wrong types, out of
range, unknown), and runs `generate --json` or `fill-mask --json` with random options. The checks:

- greedy and beam search: the ids equal those of transformers, the scores agree within 1e-3.
- sampled texts, with and without beams: the logits processors, warpers and stopping criteria that transformers creates from the same settings give
  each sampled token the `sampled_logprob` that triptych reports, and end the text at the same place.
- otherwise triptych names an unsupported key of the file on stderr, or transformers raises an error too. No run may end by a signal.

A difference is a near tie if noise of 1e-4 on the logits of transformers changes its own ids, or if only the order of several forced end-of-text
ids differs. Where the specification of the command line differs from transformers, both get the same settings: sampling is on unless `do_sample` or
`--temperature 0` switches it off, top-k is off unless it is set, and both get a limit of new tokens if the file has none.

--fixture writes `program/differential.json`: the first runs of each kind with equal ids, for a test of the program.
"""
import argparse, concurrent.futures, json, math, os, pathlib, random, re, resource, shutil, subprocess, sys, tempfile, warnings

import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSeq2SeqLM, GenerationConfig, PreTrainedTokenizerFast, logging

logging.set_verbosity(50)
warnings.filterwarnings("ignore")
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent / "program"
KINDS = dict(causal=AutoModelForCausalLM, masked=AutoModelForMaskedLM)
KINDS["encoder-decoder"] = AutoModelForSeq2SeqLM
BASE = {"causal": dict(bos_token_id=0, eos_token_id=0, pad_token_id=0), "masked": {},
        "encoder-decoder": dict(decoder_start_token_id=0, eos_token_id=1, pad_token_id=0)}
TEXTS = {"causal": ["Once upon a time", "The king had", "a", "the sea the sea the sea the"],
         "encoder-decoder": ["How are you?", "Good morning, the sea is calm.", "sea", "the king and the king and the"],
         "masked": ["Hello, my name is [MASK].", "The [MASK] had a [MASK].", "[MASK]"]}


# Settings ----------------------------------------------------------------------------------------------------------------------

def settings(r, family):
    """A random generation_config.json, options for the command line, and the same options for `generate`."""
    vocabulary = 320 if family == "causal" else 77
    def id(): return r.randrange(2, vocabulary)
    def ids(n): return [id() for _ in range(n)]
    pool = {
        "max_length": lambda: r.choice([4, 12, 20, 30]), "min_length": lambda: r.choice([0, 3, 8, 15]), "max_new_tokens": lambda: r.choice([1, 5, 9]),
        "min_new_tokens": lambda: r.choice([0, 3, 7]), "num_beams": lambda: r.choice([1, 2, 3, 4]), "num_return_sequences": lambda: r.choice([1, 2, 3]),
        "length_penalty": lambda: r.choice([-1.0, 0.0, 0.5, 2.0]), "early_stopping": lambda: r.choice([True, False, "never"]),
        "do_sample": lambda: r.choice([True, False]), "temperature": lambda: r.choice([0.3, 0.7, 1.0, 1.5]), "top_k": lambda: r.choice([0, 1, 5, 50]),
        "top_p": lambda: r.choice([0.3, 0.9, 1.0]), "min_p": lambda: r.choice([0.05, 0.3]), "typical_p": lambda: r.choice([0.4, 0.95, 1.0]),
        "epsilon_cutoff": lambda: r.choice([0.0, 0.001, 0.02]), "eta_cutoff": lambda: r.choice([0.0, 0.001, 0.02]),
        "repetition_penalty": lambda: r.choice([0.8, 1.0, 1.3]), "encoder_repetition_penalty": lambda: r.choice([0.8, 1.0, 1.5]),
        "no_repeat_ngram_size": lambda: r.choice([0, 1, 2, 3]), "encoder_no_repeat_ngram_size": lambda: r.choice([0, 1, 2]),
        "bad_words_ids": lambda: r.choice([[[]], [[id()], []], [[id()], ids(2)], [[0]], [[1]], [ids(1) for _ in range(40)], []]),
        "sequence_bias": lambda: r.choice([[[[id()], 3.0]], [[ids(2), -4.0], [[id()], 1.5]], []]),
        "forced_bos_token_id": id, "forced_eos_token_id": lambda: r.choice([0, 1, id(), ids(2)]), "suppress_tokens": lambda: r.choice([ids(3), ids(30), []]),
        "begin_suppress_tokens": lambda: ids(5), "exponential_decay_length_penalty": lambda: r.choice([[2, 1.5], [4, 1.05]]),
        "renormalize_logits": lambda: r.choice([True, False]), "pad_token_id": lambda: r.choice([-1, None, 3]),
        "eos_token_id": lambda: r.choice([None, id(), ids(3), ids(60), []]), "stop_strings": lambda: r.choice(["e", ["a", "th"], [" "], []]),
        "max_time": lambda: r.choice([1000.0, None]), "remove_invalid_values": lambda: r.choice([True, False]), "num_beam_groups": lambda: 1,
        "diversity_penalty": lambda: r.choice([0.0, 0.5]), "an_unknown_key": lambda: 3, "task_specific_params": lambda: {"x": {"num_beams": 2}},
        "guidance_scale": lambda: r.choice([1.0, 1.5]), "top_h": lambda: r.choice([None, 0.5]), "use_cache": lambda: r.choice([True, False]),
    }
    file = dict(BASE[family])
    for key in r.sample(sorted(pool), r.choice([0, 1, 1, 2, 2, 3, 4, 6])):
        odd = r.random()
        file[key] = None if odd < 0.08 else r.choice(["x", -1, 1.5, True, [], {}, 0, 500]) if odd < 0.16 else pool[key]()
    options = {"num_beams": ("--num-beams", lambda: r.choice([1, 2, 4])), "num_return_sequences": ("-N", lambda: r.choice([1, 2])),
               "repetition_penalty": ("--repeat-penalty", lambda: 1.2), "no_repeat_ngram_size": ("--no-repeat-ngram-size", lambda: 2),
               "min_new_tokens": ("--min-tokens", lambda: 4), "length_penalty": ("--length-penalty", lambda: 0.5),
               "early_stopping": ("--early-stopping", lambda: "never"), "do_sample": ("--temperature", lambda: False),
               "max_new_tokens": ("-n", lambda: r.choice([2, 6, 11])), "stop_strings": ("--stop", lambda: r.choice(["e", "th"]))}
    arguments, keywords = [], {}
    for key in sorted(set(r.sample(sorted(options), r.choice([0, 0, 1, 1, 2, 3])) + (["do_sample"] if r.random() < 0.5 else []))):
        name, value = options[key]
        value = value()
        keywords[key] = value
        arguments += [name, "0" if key == "do_sample" else str(value)]
    if not isinstance(file.get("max_new_tokens"), int) and not isinstance(file.get("max_length"), int) and "max_new_tokens" not in keywords:
        keywords["max_new_tokens"] = 9
        arguments += ["-n", "9"]
    return file, arguments, keywords


class Case:
    def __init__(self, seed, number, folder, program):
        r = random.Random(seed * 1_000_003 + number)
        self.number, self.family = number, r.choice(["causal"] * 4 + ["encoder-decoder"] * 4 + ["masked"])
        self.text = r.choice(TEXTS[self.family])
        self.file, self.arguments, self.keywords = settings(r, self.family)
        if self.family == "masked":
            self.top = r.choice([1, 3, 5, 20])
            self.arguments = ["--top-k", str(self.top)]
        self.folder = os.path.join(folder, str(number))
        os.makedirs(self.folder)
        for item in (HERE / self.family).iterdir():
            if item.name != "generation_config.json": os.symlink(item.resolve(), os.path.join(self.folder, item.name))
        with open(os.path.join(self.folder, "generation_config.json"), "w") as out: json.dump(self.file, out)
        self.command = [program, "fill-mask" if self.family == "masked" else "generate", "-m", self.folder, "-t", "1", "--json", "--seed", str(number),
                        *self.arguments, "--", self.text]

    def run(self):
        try:
            done = subprocess.run(self.command, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
                                  env=os.environ | {"SWIFT_BACKTRACE": "enable=no"})
            self.code, self.errors = done.returncode, done.stderr.replace(self.folder, "MODEL")
            self.answer = json.loads(done.stdout) if done.returncode == 0 else None
        except subprocess.TimeoutExpired:
            self.code, self.errors, self.answer = "no end after 20 s", "", None
        return self

    def named(self):
        """The keys of the file that are named on stderr."""
        return [key for key in self.file if re.search(rf"\b{re.escape(key)}\b", self.errors)]


# transformers ------------------------------------------------------------------------------------------------------------------

class Prepared(Exception):
    """Raised to stop `generate` before its last step; carries the prepared arguments."""


def shaken(model, size):
    inner = type(model).forward
    def forward(*a, **k):
        out = inner(model, *a, **k)
        out.logits = out.logits + size * torch.randn(out.logits.shape)
        return out
    if size: model.forward = forward
    elif "forward" in model.__dict__: del model.forward


class Reference:
    def __init__(self):
        self.models = {name: kind.from_pretrained(HERE / name, attn_implementation="eager").eval() for name, kind in KINDS.items()}
        self.tokenizers = {name: PreTrainedTokenizerFast.from_pretrained(HERE / name) for name in KINDS}

    def keywords(self, case, config):
        keywords = dict(case.keywords)
        beams = keywords.get("num_beams", config.num_beams) or 1
        if beams == 1 and "do_sample" not in keywords and "do_sample" not in case.file: keywords["do_sample"] = True
        if case.file.get("top_k") is None: keywords["top_k"] = 0
        return keywords

    def generate(self, case, noise=0):
        """The ids and scores of the completions; for sampled texts the processors and criteria to check them with."""
        model, tokenizer = self.models[case.family], self.tokenizers[case.family]
        ids = tokenizer(case.text, return_tensors="pt").input_ids
        model.generation_config = GenerationConfig.from_pretrained(case.folder)
        keywords = self.keywords(case, model.generation_config)
        def prepared(model, input_ids, logits_processor, stopping_criteria, generation_config, **rest):
            raise Prepared(input_ids, logits_processor, stopping_criteria, generation_config, rest)
        kind = type(model)
        kept = kind._sample, kind._beam_search
        def sample(model, *a, **k): return (prepared if k["generation_config"].do_sample is True else kept[0])(model, *a, **k)
        def beams(model, *a, **k): return (prepared if k["generation_config"].do_sample is True else kept[1])(model, *a, **k)
        shaken(model, noise)
        try:
            kind._sample, kind._beam_search = sample, beams
            out = model.generate(ids, attention_mask=torch.ones_like(ids), tokenizer=tokenizer, return_dict_in_generate=True, output_scores=True, **keywords)
        except Prepared as found:
            return None, found.args
        finally:
            kind._sample, kind._beam_search = kept
            shaken(model, 0)
        start = 1 if model.config.is_encoder_decoder else ids.shape[1]
        rows, scores = out.sequences.tolist(), getattr(out, "sequences_scores", None)
        if scores is None: return [(row[start:], None) for row in rows], None
        lengths = (out.beam_indices >= 0).sum(-1).tolist()
        # If there are fewer continuations than beams, transformers adds placeholders with a score of -1e9.
        return [(row[start:start + n], s) for row, n, s in zip(rows, lengths, scores.tolist()) if s > -1e8], None

    @torch.no_grad()
    def judge(self, case, prepared):
        """Checks the log-probabilities and the ends of sampled texts. Returns a description of the difference, or None."""
        input_ids, processors, criteria, config, rest = prepared
        model = self.models[case.family]
        beams, count = config.num_beams or 1, input_ids.shape[0]
        if len(case.answer["completions"]) != max(1, config.num_return_sequences or 1):
            return f"{len(case.answer['completions'])} completions, not {config.num_return_sequences}"
        for completion in case.answer["completions"]:
            ids, total = input_ids, 0
            made = completion["tokens"]
            for place, token in enumerate(made):
                if model.config.is_encoder_decoder: logits = model(encoder_outputs=(rest["encoder_outputs"][0][:1],), decoder_input_ids=ids[:1]).logits
                else: logits = model(ids[:1]).logits
                row = logits[:, -1].float().expand(count, -1)
                if beams > 1: row = torch.log_softmax(row, -1)
                row = processors(ids, row.clone())
                lp = (row if beams > 1 else torch.log_softmax(row, -1))[0, token["id"]].item()
                if token["sampled_logprob"] is None or abs(lp - token["sampled_logprob"]) > 1e-3 * max(1, abs(lp)):
                    return f"token {place}, id {token['id']}: sampled_logprob {token['sampled_logprob']}, not {lp}"
                total += lp
                ids = torch.cat([ids, torch.full((count, 1), token["id"])], 1)
                over = bool(criteria(ids, None)[0])
                # transformers would continue and then fail.
                context = getattr(model.config, "n_positions", None)
                if context and ids.shape[1] == context: over = True
                if over != (place == len(made) - 1): return f"token {place} of {len(made)} {'ends' if over else 'does not end'} the text"
            if beams > 1 and abs(completion["score"] - total / max(len(made), 1) ** config.length_penalty) > 1e-3 * max(1, abs(completion["score"])):
                return f"score {completion['score']}, not {total / len(made) ** config.length_penalty}"
        return None

    @torch.no_grad()
    def fill(self, case):
        tokenizer = self.tokenizers["masked"]
        ids = tokenizer(case.text, return_tensors="pt").input_ids
        p = self.models["masked"](ids).logits[0].double().softmax(-1)
        for mask, place in zip(case.answer["masks"], (ids[0] == tokenizer.mask_token_id).nonzero()[:, 0].tolist(), strict=True):
            best = p[place].topk(case.top)
            for candidate, id, share in zip(mask["candidates"], best.indices.tolist(), best.values.tolist(), strict=True):
                if abs(candidate["probability"] - share) > 1e-5: return f"probability {candidate['probability']}, not {share}"
                if candidate["id"] != id and abs(p[place, candidate["id"]].item() - share) > 1e-6: return f"id {candidate['id']}, not {id}"
        return None


# Comparison --------------------------------------------------------------------------------------------------------------------

def compare(case, reference):
    """The outcome of a run, with the reason if it is a difference."""
    if case.code not in (0, 1, 2): return "DIFFERENT", f"exit {case.code}"
    if case.family == "masked":
        if case.answer is None: return ("named", "") if case.named() else ("DIFFERENT", f"exit {case.code}: {case.errors}")
        why = reference.fill(case)
        return ("DIFFERENT", why) if why else ("filled", "")
    try: expected, prepared = reference.generate(case)
    except Exception as error: return "raised", f"{type(error).__name__}: {str(error)[:120]}"
    if case.answer is None: why = f"exit {case.code}: {case.errors}"
    elif prepared:
        try: why = reference.judge(case, prepared)
        except Exception as error: return "raised", f"{type(error).__name__}: {str(error)[:120]}"
        if why is None: return "drawn", ""
    else:
        found = [([t["id"] for t in c["tokens"]], c.get("score")) for c in case.answer["completions"]]
        why = None
        if [f[0] for f in found] != [e[0] for e in expected]: why = f"ids {[f[0] for f in found]}, not {[e[0] for e in expected]}"
        elif any(e[1] is not None and (f[1] is None or abs(f[1] - e[1]) > 1e-3 * max(1, abs(e[1]))) for f, e in zip(found, expected)):
            why = f"scores {[f[1] for f in found]}, not {[e[1] for e in expected]}"
        if why is None: return "beams" if expected and expected[0][1] is not None else "greedy", ""
    if case.named(): return "named", why
    # Several forced end-of-text ids have equal scores, and topk does not define the order of equal scores.
    forced = case.file.get("forced_eos_token_id")
    if case.answer is not None and not prepared and isinstance(forced, list) and len(forced) > 1 and len(found) == len(expected) and all(
            f[0][:-1] == e[0][:-1] and {f[0][-1], e[0][-1]} <= set(forced) for f, e in zip(found, expected)): return "near tie", why
    if case.answer is not None and expected is not None:
        torch.manual_seed(0)
        others = [[e[0] for e in reference.generate(case, 1e-4)[0]] for _ in range(6)]
        if any(o != [e[0] for e in expected] for o in others): return "near tie", why
    return "DIFFERENT", why


def main():
    # Limit the memory, so that a run that needs too much raises an error.
    resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=".build/debug/triptych")
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--fixture", action="store_true")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    folder = tempfile.mkdtemp()
    numbers = range(options.runs) if options.only is None else [options.only]
    cases = [Case(options.seed, n, folder, program) for n in numbers]
    reference, tally, fixture = Reference(), {}, []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for case in pool.map(Case.run, cases):
            kind, why = compare(case, reference)
            tally[kind] = tally.get(kind, 0) + 1
            if kind == "DIFFERENT" or options.only is not None:
                keys = {k: v for k, v in case.file.items() if BASE[case.family].get(k, "none") != v}
                print(f"{case.number} {kind} {case.family} {json.dumps(keys)} {' '.join(case.arguments)} | {why} | {case.errors.strip()[:300]}", flush=True)
            if kind in ("greedy", "beams", "filled") and case.answer and sum(f["kind"] == kind for f in fixture) < (10 if kind == "filled" else 25):
                ids = [[t["id"] for t in c["tokens"]] for c in case.answer["completions"]] if kind != "filled" else \
                    [[c["id"] for c in m["candidates"]] for m in case.answer["masks"]]
                fixture.append(dict(kind=kind, model=case.family, text=case.text, file=case.file, arguments=case.arguments, ids=ids))
    shutil.rmtree(folder)
    print(json.dumps(tally))
    if options.fixture:
        with open(HERE / "differential.json", "w") as out: json.dump(fixture, out, separators=(",", ":"))
    sys.exit(1 if tally.get("DIFFERENT") else 0)


main()
