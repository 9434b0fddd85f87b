#!/usr/bin/env python3
"""Runs tiny models with random configurations through triptych and transformers 5.24, and reports where they differ.

    python3 Tests/Fixtures/differential_models.py --architecture qwen3 [--runs 200] [--seed 1] [--only N] [--program PATH]

Each run draws a config.json of an architecture's switches, makes random weights and a tokenizer of letters, and calls
the program. Its outcome is one of:

- equal: the log-probabilities of all tokens after each token of a text agree within 1e-4 relative, and so do greedy
  continuations as far as the best two logits are 1e-4 apart.
- named: the program refuses, and its error names a key of the configuration.
- raised: transformers refuses too, or fails.
- DIFFERENT: everything else; also a program that ends by a signal. The exit code is then 1.

A script with other architectures adds them to ARCHITECTURES and calls main: a function that draws a configuration, and
one that checks a run.
"""

import argparse
import concurrent.futures
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, logging

logging.set_verbosity(50)
logging.disable_progress_bar()
warnings.filterwarnings("ignore")
torch.set_num_threads(1)
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
ACTIVATIONS = "silu gelu gelu_new relu gelu_pytorch_tanh gelu_fast tanh sigmoid quick_gelu mish relu2 swish linear".split()
# transformers makes models with global settings.
MAKING = threading.Lock()
ODD = [None, -1, 0, 1, 3, 2.5, 1e30, True, False, "x", [], {}]


# Configurations ----------------------------------------------------------------------------------------------------------------


def maybe(r, share, key, value):
    """A key with a drawn value, or none."""
    return {key: value()} if r.random() < share else {}


def decoder(r, kind, kept_heads=False):
    """Sizes of all decoders with rotary positions, and settings of their embeddings and gates."""
    heads = r.choice([1, 2, 3, 4, 6])
    config = {
        "model_type": kind,
        "vocab_size": r.randrange(20, 90),
        "hidden_size": heads * r.choice([4, 6, 8, 10]),
        "intermediate_size": r.randrange(5, 40),
        "num_hidden_layers": r.randrange(1, 5),
        "num_attention_heads": heads,
        "num_key_value_heads": r.choice([n for n in range(1, heads + 1) if heads % n == 0]),
        "max_position_embeddings": r.choice([24, 33, 48, 64]),
        "bos_token_id": None,
        "eos_token_id": None,
        "pad_token_id": None,
    }
    config |= maybe(r, 0.4, "head_dim", lambda: r.choice([4, 6, 8, 12, 16]))
    config |= maybe(r, 0.5, "rms_norm_eps", lambda: r.choice([1e-8, 1e-5, 0.01, 0.3]))
    config |= maybe(r, 0.5, "tie_word_embeddings", lambda: r.random() < 0.5)
    config |= maybe(r, 0.2, "an_unknown_key", lambda: 3)
    return config


def head_width(config):
    return config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]


def rotary(r, config, kinds, share=1.0):
    """Rotary settings in an old or a new form."""
    pairs = max(1, int(head_width(config) * share) // 2)
    length = config["max_position_embeddings"]
    kind = r.choice(kinds)
    scaling = {}
    if kind in ("linear", "dynamic", "yarn", "llama3", "proportional"):
        scaling["factor"] = r.choice([1.5, 2, 4.0, 8.0])
    if kind in ("yarn", "llama3", "longrope"):
        scaling |= maybe(r, 0.7, "original_max_position_embeddings", lambda: r.choice([8, 12, 20, length]))
    if kind == "yarn":
        scaling |= maybe(r, 0.2, "attention_factor", lambda: r.choice([0.5, 1.0, 1.3]))
        scaling |= maybe(r, 0.3, "mscale", lambda: r.choice([0.0, 0.7, 1.0]))
        scaling |= maybe(r, 0.3, "mscale_all_dim", lambda: r.choice([0.5, 1.0]))
        scaling |= maybe(r, 0.3, "beta_fast", lambda: r.choice([0, 4, 20, 32.0]))
        scaling |= maybe(r, 0.3, "beta_slow", lambda: r.choice([0, 0.5, 1, 2]))
        scaling |= maybe(r, 0.3, "truncate", lambda: r.choice([True, False, None]))
    if kind == "llama3":
        scaling |= {"low_freq_factor": r.choice([0.5, 1.0, 2]), "high_freq_factor": r.choice([2.5, 4.0, 8])}
    if kind == "longrope":
        scaling |= {name: [round(r.uniform(1, 6), 2) for _ in range(pairs)] for name in ("short_factor", "long_factor")}
        scaling |= maybe(r, 0.3, "attention_factor", lambda: r.choice([0.8, 1.25]))
        scaling |= maybe(r, 0.3, "factor", lambda: r.choice([1.0, 4.0]))
    if kind == "proportional":
        scaling |= maybe(r, 0.6, "partial_rotary_factor", lambda: r.choice([0.25, 0.5, 1.0]))
    theta = r.choice([None, 10.0, 500.0, 1e4, 1e6])
    form = r.choice(["new", "old", "older"])
    name = "type" if form == "older" else "rope_type"
    if kind == "default" and r.random() < 0.5:
        return {"rope_theta": theta} if theta else {}
    settings = {name: kind} | scaling
    if form == "new":
        if theta:
            settings["rope_theta"] = theta
        return {"rope_parameters": settings}
    return {"rope_scaling": settings} | ({"rope_theta": theta} if theta else {})


ROTARY = "default default linear dynamic yarn yarn llama3 longrope proportional".split()


def windows(r, config):
    """The sliding windows of Qwen."""
    switches = maybe(r, 0.7, "use_sliding_window", lambda: r.random() < 0.8)
    switches |= maybe(r, 0.8, "sliding_window", lambda: r.choice([1, 2, 5, 9, None]))
    switches |= maybe(r, 0.6, "max_window_layers", lambda: r.randrange(0, 4))
    return switches | layer_types(r, config, 0.3)


def layer_types(r, config, share):
    kinds = ["full_attention", "sliding_attention"]
    return maybe(r, share, "layer_types", lambda: [r.choice(kinds) for _ in range(config["num_hidden_layers"])])


def llama(r):
    config = decoder(r, "llama")
    config |= maybe(r, 0.5, "hidden_act", lambda: r.choice(ACTIVATIONS))
    config |= maybe(r, 0.5, "attention_bias", lambda: r.random() < 0.6)
    config |= maybe(r, 0.5, "mlp_bias", lambda: r.random() < 0.6)
    config |= maybe(r, 0.1, "partial_rotary_factor", lambda: r.choice([0.5, 1.0]))
    config |= maybe(r, 0.1, "original_max_position_embeddings", lambda: 16)
    return config | maybe(r, 0.2, "sliding_window", lambda: 3) | rotary(r, config, ROTARY)


def mistral(r):
    config = decoder(r, "mistral")
    config |= maybe(r, 0.5, "hidden_act", lambda: r.choice(ACTIVATIONS))
    config |= maybe(r, 0.8, "sliding_window", lambda: r.choice([None, 1, 3, 8, 100]))
    return config | maybe(r, 0.2, "attention_bias", lambda: True) | rotary(r, config, ROTARY)


def qwen2(r):
    config = decoder(r, "qwen2")
    config |= maybe(r, 0.5, "hidden_act", lambda: r.choice(ACTIVATIONS))
    return config | windows(r, config) | rotary(r, config, ROTARY)


def qwen3(r):
    config = decoder(r, "qwen3")
    config.setdefault("head_dim", r.choice([4, 8, 10]))
    config |= maybe(r, 0.5, "hidden_act", lambda: r.choice(ACTIVATIONS))
    config |= maybe(r, 0.5, "attention_bias", lambda: r.random() < 0.6)
    return config | windows(r, config) | rotary(r, config, ROTARY)


def olmo2(r):
    config = decoder(r, "olmo2")
    config |= maybe(r, 0.5, "hidden_act", lambda: r.choice(ACTIVATIONS))
    config |= maybe(r, 0.5, "attention_bias", lambda: r.random() < 0.6)
    return config | rotary(r, config, ROTARY)


def gemma(r, kind):
    config = decoder(r, kind)
    config.setdefault("head_dim", r.choice([4, 8, 10]))
    config |= maybe(r, 0.5, "hidden_activation", lambda: r.choice(ACTIVATIONS))
    config |= maybe(r, 0.3, "hidden_act", lambda: "relu")
    config |= maybe(r, 0.5, "attention_bias", lambda: r.random() < 0.6)
    config |= maybe(r, 0.8, "query_pre_attn_scalar", lambda: r.choice([1, 4, 7, 64]))
    config |= maybe(r, 0.8, "sliding_window", lambda: r.choice([1, 2, 3, 6, 9, 50, 50, None]))
    config |= maybe(r, 0.6, "final_logit_softcapping", lambda: r.choice([None, 1.5, 10.0, 30.0]))
    config |= maybe(r, 0.6, "attn_logit_softcapping", lambda: r.choice([None, 0.7, 5.0, 50.0]))
    config |= maybe(r, 0.1, "use_bidirectional_attention", lambda: r.random() < 0.5)
    return config | layer_types(r, config, 0.4)


def gemma2(r):
    config = gemma(r, "gemma2")
    return config | rotary(r, config, ROTARY)


def gemma3(r):
    config = gemma(r, "gemma3_text")
    config |= maybe(r, 0.5, "sliding_window_pattern", lambda: r.choice([1, 2, 3]))
    config |= maybe(r, 0.3, "rope_local_base_freq", lambda: r.choice([20.0, 1000.0]))
    kinds = [kind for kind in ROTARY if kind not in ("longrope", "proportional")]
    form = r.choice(["none", "flat", "nested"])
    if form == "flat":
        return config | rotary(r, config, kinds)
    if form == "nested":
        own = [rotary(r, config, kinds) for _ in range(2)]
        nested = {}
        for name, settings in zip(("full_attention", "sliding_attention"), own):
            found = settings.get("rope_parameters") or settings.get("rope_scaling")
            if found:
                nested[name] = found
        config["rope_parameters"] = nested
    return config | maybe(r, 0.3, "rope_theta", lambda: r.choice([50.0, 3000.0]))


def phi3(r):
    config = decoder(r, "phi3")
    if r.random() < 0.8:
        # transformers counts the factors of a wider head wrongly.
        config.pop("head_dim", None)
    config |= maybe(r, 0.5, "hidden_act", lambda: r.choice(ACTIVATIONS))
    config |= maybe(r, 0.6, "sliding_window", lambda: r.choice([None, 1, 3, 8, 100]))
    config |= maybe(r, 0.7, "original_max_position_embeddings", lambda: r.choice([8, 16, 20]))
    config |= maybe(r, 0.3, "resid_pdrop", lambda: 0.5)
    share = r.choice([1.0, 1.0, 0.5, 0.75, 0.4])
    if share < 1:
        config["partial_rotary_factor"] = share
    config |= rotary(r, config, ["default", "longrope", "longrope", "longrope"], share)
    if config.get("rope_scaling", {}).get("type") == "longrope" and r.random() < 0.3:
        config["rope_scaling"]["type"] = r.choice(["su", "yarn"])
    return config


# Runs --------------------------------------------------------------------------------------------------------------------------


def weights(model, r):
    """Random weights of a model, under the names of its files."""
    generator = torch.Generator().manual_seed(r.randrange(1 << 30))
    state = {}
    for key, value in model.state_dict().items():
        noise = torch.randn(value.shape, generator=generator)
        if not value.is_floating_point():
            state[key] = value
        elif re.search(r"norm\w*\.weight$|ln_\w+\.weight$", key, re.IGNORECASE):
            state[key] = (0 if "gemma" in model.config.model_type else 1) + 0.2 * noise
        elif value.dim() < 2:
            state[key] = 0.2 * noise
        elif re.search(r"(embed\w*|shared|lm_head|wte|wpe)\.weight$", key):
            state[key] = 0.7 * noise
        else:
            state[key] = noise * value.shape[1] ** -0.5
    for key in getattr(model, "all_tied_weights_keys", None) or {}:
        if model.config.get_text_config().tie_word_embeddings:
            state.pop(key, None)
    return {key: value.contiguous() for key, value in state.items()}


def tokenizer(vocabulary):
    """A tokenizer that makes each letter a token."""
    names = [LETTERS[id] if id < len(LETTERS) else f"<{id}>" for id in range(vocabulary)]
    model = {"type": "BPE", "vocab": {name: id for id, name in enumerate(names)}, "merges": []}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {"version": "1.0", "added_tokens": [], "normalizer": None, "pre_tokenizer": level, "post_processor": None,
            "decoder": level, "model": model}


class Case:
    """One run: a folder with a drawn configuration, and the model that transformers makes of it."""

    def __init__(self, architecture, seed, number, folder, program):
        self.r = r = random.Random(f"{architecture} {seed} {number}")
        self.number, self.program = number, program
        self.architecture = ARCHITECTURES[architecture]
        self.config = self.architecture.draw(r)
        if r.random() < 0.15:
            key = r.choice(sorted(key for key in self.config if key != "model_type"))
            self.config[key] = r.choice(ODD)
        self.folder = os.path.join(folder, str(number))
        os.makedirs(self.folder)
        self.write("config.json", self.config)
        self.model = self.refusal = None

    def write(self, name, value):
        with open(os.path.join(self.folder, name), "w") as file:
            json.dump(value, file)

    def make(self):
        """Makes the weights, the tokenizer and `model`; sets `refusal` if transformers refuses the configuration."""
        try:
            config = AutoConfig.from_pretrained(self.folder)
            made = self.architecture.model.from_config(config)
            save_file(weights(made, self.r), f"{self.folder}/model.safetensors", metadata={"format": "pt"})
            self.model = self.architecture.model.from_pretrained(
                self.folder, dtype=torch.float32, attn_implementation="eager").double().eval()
        except Exception as error:
            self.refusal = f"{type(error).__name__}: {str(error)[:120]}"
            if not os.path.exists(f"{self.folder}/model.safetensors"):
                save_file({"none": torch.zeros(1)}, f"{self.folder}/model.safetensors", metadata={"format": "pt"})
        vocabulary = self.config.get("vocab_size")
        self.write("tokenizer.json", tokenizer(vocabulary if type(vocabulary) is int and 0 < vocabulary < 1000 else 50))

    def call(self, *arguments):
        """The JSON output of the program; `None` if it refuses."""
        done = subprocess.run(
            [self.program, *arguments], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
            env=os.environ | {"SWIFT_BACKTRACE": "enable=no"})
        self.code, self.errors = done.returncode, done.stderr.replace(self.folder, "MODEL")
        return json.loads(done.stdout) if done.returncode == 0 else None

    @torch.no_grad()
    def fails(self):
        """Whether transformers makes the model and then cannot use it."""
        try:
            self.architecture.use(self.model)
            return False
        except Exception:
            return True

    def named(self):
        """The keys of the configuration that the program's error names."""
        return [key for key in self.config if re.search(rf"\b{re.escape(key)}\b", self.errors)]

    def refused(self):
        """The outcome if the program refused to answer."""
        if self.code not in (1, 2):
            return "DIFFERENT", f"exit {self.code}: {self.errors[:300]}"
        if self.refusal or self.fails():
            return "raised", self.refusal or "the forward pass"
        return ("named" if self.named() else "DIFFERENT"), self.errors[:300]


def check_causal(case):
    """Scores a text and continues it."""
    vocabulary, context = case.config.get("vocab_size"), case.config.get("max_position_embeddings")
    usable = [n if type(n) is int and 0 < n < 1000 else 24 for n in (vocabulary, context)]
    if usable[1] < 3:
        return "raised", "a context without room for a text"
    count = min(usable[1] - 1, case.r.randrange(4, 45))
    ids = [case.r.randrange(min(usable[0], len(LETTERS))) for _ in range(max(2, count))]
    text = "".join(LETTERS[id] for id in ids)
    found = case.call("score", "-m", case.folder, "-t", "1", "--json", "--top-logprobs", str(usable[0]), "--", text)
    if found is None:
        return case.refused()
    if case.refusal:
        return "raised", case.refusal
    if [token["id"] for token in found["tokens"]] != ids:
        return "DIFFERENT", "ids of the text"
    steps = min(6, usable[1] - len(ids))
    greedy = case.call("generate", "-m", case.folder, "-t", "1", "--json", "-n", str(max(1, steps)), "--temperature", "0", "--", text)
    try:
        expected = logits_after_each(case, ids)
        why = compare_scores(found["tokens"], expected) or compare_greedy(case, greedy, ids)
    except Exception as error:
        return "raised", f"{type(error).__name__}: {str(error)[:120]}"
    return ("DIFFERENT", why) if why else ("equal", "")


@torch.no_grad()
def logits_after_each(case, ids):
    """Log-probabilities after each token, of the text up to it."""
    text = torch.tensor([ids])
    if "factor" in json.dumps(case.config):
        rows = [case.model(text[:, : end + 1]).logits[0, -1] for end in range(len(ids))]
        return torch.stack(rows).log_softmax(-1)
    return case.model(text).logits[0].log_softmax(-1)


def compare_scores(tokens, expected):
    for place, token in enumerate(tokens[1:]):
        row = expected[place]
        pairs = [(entry["id"], entry["logprob"]) for entry in token["top"]]
        if len(pairs) != len(row):
            return f"{len(pairs)} log-probabilities of {len(row)}"
        for id, found in pairs:
            if not abs(found - row[id].item()) <= 1e-4 * max(1, abs(row[id].item())):
                return f"log-probability of {id} after {place + 1} tokens: {found}, not {row[id].item()}"
    return None


@torch.no_grad()
def compare_greedy(case, answer, ids):
    if answer is None:
        return f"scores but does not generate: {case.errors[:200]}"
    made = [token["id"] for token in answer["completions"][0]["tokens"]]
    for place, id in enumerate(made):
        row = case.model(torch.tensor([ids + made[:place]])).logits[0, -1]
        best = row.topk(2)
        if id != best.indices[0] and best.values[0] - best.values[1] > 1e-4:
            return f"token {place} is {id}, not {best.indices[0].item()}"
        if id != best.indices[0]:
            return None
    return None


class Architecture:
    """How an architecture's configurations are drawn and its runs checked. `use` runs the model that transformers makes."""

    def __init__(self, draw, check=check_causal, model=AutoModelForCausalLM, use=lambda model: model(torch.tensor([[0, 1, 2]]))):
        self.draw, self.check, self.model, self.use = draw, check, model, use


ARCHITECTURES = {
    "llama": Architecture(llama),
    "mistral": Architecture(mistral),
    "qwen2": Architecture(qwen2),
    "qwen3": Architecture(qwen3),
    "olmo2": Architecture(olmo2),
    "gemma2": Architecture(gemma2),
    "gemma3_text": Architecture(gemma3),
    "phi3": Architecture(phi3),
}


def run(case):
    try:
        with MAKING:
            case.make()
        return case, *case.architecture.check(case)
    except subprocess.TimeoutExpired:
        return case, "DIFFERENT", "no end after 60 s"
    finally:
        shutil.rmtree(case.folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--architecture", choices=sorted(ARCHITECTURES), action="append", help="all if left out")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--program", default=".build/debug/triptych")
    options = parser.parse_args()
    program, folder, different = os.path.abspath(options.program), tempfile.mkdtemp(), 0
    numbers = range(options.runs) if options.only is None else [options.only]
    for name in options.architecture or ARCHITECTURES:
        tally = {}
        cases = (Case(name, options.seed, number, os.path.join(folder, name), program) for number in numbers)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for case, kind, why in pool.map(run, cases):
                tally[kind] = tally.get(kind, 0) + 1
                if kind == "DIFFERENT" or options.only is not None:
                    print(f"{name} {case.number} {kind}: {why}\n  {json.dumps(case.config)}", flush=True)
        different += tally.get("DIFFERENT", 0)
        print(name, json.dumps(tally), flush=True)
    shutil.rmtree(folder)
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
