#!/usr/bin/env python3
"""Runs triptych and transformers 5.24 side by side on random tiny models, and reports where they differ.

    python3 Tests/Fixtures/differential_encdec.py --architecture bart [--program PATH] [--runs 200] [--seed 1] [--only N]

For GPT-NeoX, GPT-Neo, OPT, BART's family, mT5 and umT5. Each run draws the switches of the configuration, the weights, the
element type, and which copies of tied weights the file has; it writes a folder and runs two commands on it. The checks:

- `score`: the log-probabilities of the whole vocabulary at every position agree within 1e-4, relative to the largest.
- `generate` at temperature 0: the ids are those of transformers, up to a token whose margin is below 1e-4.
- a configuration that transformers or triptych refuses: then triptych must fail too, and name a key that was drawn.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import warnings

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import logging

import make_encdec_fixtures
import make_fixtures

logging.set_verbosity(50)
logging.disable_progress_bar()
warnings.filterwarnings("ignore")
torch.set_num_threads(1)

ACTIVATIONS = ["gelu", "gelu_new", "relu", "silu", "quick_gelu", "tanh"]


def gpt_neox(r):
    heads = r.choice([1, 2, 3])
    config = {
        "hidden_size": heads * r.choice([3, 4, 6, 8]),
        "num_attention_heads": heads,
        "num_hidden_layers": r.choice([1, 2, 3]),
        "intermediate_size": r.choice([7, 16, 33]),
        "hidden_act": r.choice(ACTIVATIONS),
        "layer_norm_eps": r.choice([1e-5, 1e-2]),
        "use_parallel_residual": r.choice([True, False]),
        "attention_bias": r.choice([True, False]),
        "tie_word_embeddings": r.choice([True, False]),
    }
    if r.random() < 0.5:
        config["rotary_pct"] = r.choice([0.25, 0.4, 0.5, 0.7, 1.0])
    if r.random() < 0.5:
        config["rotary_emb_base"] = r.choice([10, 500, 10000])
    if r.random() < 0.3:
        config["rope_theta"] = 3.0
    if r.random() < 0.3:
        config["rope_parameters"] = {"rope_type": "default", "rope_theta": 77.0}
        if r.random() < 0.5:
            config["rope_parameters"]["partial_rotary_factor"] = r.choice([0.3, 0.5, 1.0])
    if r.random() < 0.15:
        config["rope_scaling"] = r.choice([{}, {"type": "default"}, None])
    if r.random() < 0.05:
        config["head_dim"] = config["hidden_size"] // heads
    return config


def gpt_neo(r):
    heads, layers = r.choice([1, 2, 3]), r.choice([1, 2, 3, 4])
    config = {
        "hidden_size": heads * r.choice([3, 4, 8]),
        "num_heads": heads,
        "num_layers": layers,
        "window_size": r.choice([1, 2, 5, 100]),
        "activation_function": r.choice(ACTIVATIONS),
        "layer_norm_epsilon": r.choice([1e-5, 1e-2]),
        "tie_word_embeddings": r.choice([True, False]),
    }
    kinds = [r.choice(["global", "local"]) for _ in range(layers)]
    config["attention_types"] = r.choice([[[kinds, 1]], [[[kind], 1] for kind in kinds]])
    if layers % 2 == 0 and r.random() < 0.5:
        config["attention_types"] = [[["global", "local"], layers // 2]]
    if r.random() < 0.4:
        config["attention_layers"] = kinds[::-1]
    if r.random() < 0.5:
        config["intermediate_size"] = r.choice([7, 33, None])
    if r.random() < 0.05:
        config["attention_types"] = [[["global"], layers + 1]]
    return config


def opt(r):
    heads = r.choice([1, 2, 3])
    config = {
        "hidden_size": heads * r.choice([3, 4, 8]),
        "num_attention_heads": heads,
        "num_hidden_layers": r.choice([1, 2, 3]),
        "ffn_dim": r.choice([7, 16, 33]),
        "do_layer_norm_before": r.choice([True, False]),
        "_remove_final_layer_norm": r.choice([True, False]),
        "activation_function": r.choice(ACTIVATIONS),
        "enable_bias": r.choice([True, False]),
        "layer_norm_elementwise_affine": r.choice([True, False]),
        "tie_word_embeddings": r.choice([True, False]),
    }
    if r.random() < 0.5:
        config["word_embed_proj_dim"] = r.choice([5, 12, 16, config["hidden_size"]])
    return config


def bart(r):
    heads = r.choice([1, 2, 3])
    config = {
        "d_model": 12,
        "encoder_layers": r.choice([1, 2, 3]),
        "decoder_layers": r.choice([1, 2, 3]),
        "encoder_attention_heads": r.choice([1, 2, 3, 4, 6]),
        "decoder_attention_heads": r.choice([1, 2, 3, 4, 6]),
        "encoder_ffn_dim": r.choice([7, 16, 33]),
        "decoder_ffn_dim": r.choice([7, 16, 33]),
        "activation_function": r.choice(ACTIVATIONS),
        "scale_embedding": r.choice([True, False]),
        "tie_word_embeddings": r.choice([True, True, False]),
        "pad_token_id": 1,
        "decoder_start_token_id": 2,
        "eos_token_id": 2,
        "bos_token_id": 0,
    }
    if r.random() < 0.2:
        config |= {"d_model": 15, "encoder_attention_heads": heads if heads != 2 else 5, "decoder_attention_heads": 3}
    if r.random() < 0.3:
        config["forced_eos_token_id"] = r.choice([2, 7, None])
    if r.random() < 0.3:
        config["forced_bos_token_id"] = r.choice([5, 0])
    return config


def m2m_100(r):
    config = bart(r) | {"pad_token_id": r.choice([1, 1, 3])}
    config.pop("forced_eos_token_id", None)
    return config


def marian(r):
    config = bart(r)
    if r.random() < 0.4:
        config["share_encoder_decoder_embeddings"] = False
        config["decoder_vocab_size"] = r.choice([29, 37, 43])
    return config


def t5(r):
    config = {
        "d_model": r.choice([8, 10]),
        "d_kv": r.choice([3, 4, 8]),
        "d_ff": r.choice([7, 16, 33]),
        "num_layers": r.choice([1, 2, 3]),
        "num_heads": r.choice([1, 2, 3]),
        "relative_attention_num_buckets": r.choice([4, 8, 13, 32]),
        "relative_attention_max_distance": r.choice([20, 128]),
        "layer_norm_epsilon": r.choice([1e-6, 1e-2]),
        "feed_forward_proj": r.choice(["gated-gelu", "relu", "gated-silu", "gelu"]),
        "pad_token_id": 0,
        "decoder_start_token_id": 0,
        "eos_token_id": 1,
    }
    if r.random() < 0.5:
        config["num_decoder_layers"] = r.choice([1, 2, 3])
    if r.random() < 0.4:
        config["tie_word_embeddings"] = r.choice([True, False])
    if r.random() < 0.3:
        config["scale_decoder_outputs"] = r.choice([True, False])
    if r.random() < 0.2:
        config["dense_act_fn"] = r.choice(ACTIVATIONS)
    if r.random() < 0.2:
        config["is_gated_act"] = r.choice([True, False])
    return config


SWITCHES = {
    "gpt_neox": gpt_neox, "gpt_neo": gpt_neo, "opt": opt, "bart": bart, "mbart": bart, "m2m_100": m2m_100, "marian": marian,
    "mt5": t5, "umt5": t5,
}
COPIES = ("lm_head.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight")


def trimmed(r, state, config):
    """Leaves out copies of tied weights, and what a file may lack."""
    ties = config.get("tie_word_embeddings", config["model_type"] not in ("gpt_neox",)) or config["model_type"] in ("mt5", "umt5")
    shares = config.get("share_encoder_decoder_embeddings", True)
    drop = set()
    if config["model_type"] == "marian" and r.random() < 0.7:
        drop |= {key for key in state if key.endswith("embed_positions.weight")}
    shared = next((key for key in state if key.endswith("shared.weight")), None)
    if shared and ties and shares:
        for key in state:
            if key.endswith(COPIES):
                if r.random() < 0.6:
                    drop.add(key)
                elif r.random() < 0.5:
                    state[key] = state[shared].clone()
    elif ties and shared is None and r.random() < 0.7:
        drop |= {key for key in state if key.endswith("lm_head.weight")}
    if "final_logits_bias" in state and r.random() < 0.3:
        drop.add("final_logits_bias")
    return {key: value for key, value in state.items() if key not in drop}


def tokenizer(vocabulary):
    tokenizer = Tokenizer(models.WordLevel({f"t{i}": i for i in range(vocabulary)}, unk_token="t0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer


class Difference(Exception):
    pass


class Runner:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def run(self, *arguments):
        done = subprocess.run(
            [self.program, *arguments], capture_output=True, text=True, timeout=120,
            env=os.environ | {"TRIPTYCH_HOME": str(self.folder), "HOME": str(self.folder)})
        if done.returncode < 0:
            raise Difference(f"ended by signal {-done.returncode}: {done.stderr[-300:]}")
        return done

    def check(self, number, architecture, seed):
        r = random.Random(f"{architecture} {seed} {number}")
        config = {"model_type": architecture, "vocab_size": 37, **SWITCHES[architecture](r)}
        if architecture not in ("mt5", "umt5"):
            config["max_position_embeddings"] = 40
        folder = os.path.join(self.folder, "model")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        with open(f"{folder}/config.json", "w") as file:
            json.dump(config, file)
        tokenizer(max(37, config.get("decoder_vocab_size") or 0)).save(f"{folder}/tokenizer.json")
        with open(f"{folder}/tokenizer_config.json", "w") as file:
            json.dump({"tokenizer_class": "PreTrainedTokenizerFast"}, file)
        config_class, model_class = make_fixtures.CLASSES[architecture]
        try:
            state = make_fixtures.random_weights(f"{architecture}{seed}{number}", config)
        except Exception as error:
            self.refused(folder, config, error)
            return config, "refused"
        dtype = r.choice([torch.float32, torch.float32, torch.float16, torch.bfloat16])
        state = trimmed(r, {key: value.to(dtype).contiguous() for key, value in state.items()}, config)
        save_file(state, f"{folder}/model.safetensors", metadata={"format": "pt"})
        model, report = model_class.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
        if report["missing_keys"]:
            raise Difference(f"the file lacks {report['missing_keys']}")
        model = model.double().eval()
        vocabulary = make_fixtures.result_size(model)
        source = [r.randrange(37) for _ in range(r.choice([1, 2, 9, 20]))]
        is_seq2seq = model.config.is_encoder_decoder
        pad = config.get("pad_token_id")
        target = [i for i in (r.randrange(vocabulary) for _ in range(r.choice([2, 5, 17]))) if i != pad] or [5]
        words = lambda ids: " ".join(f"t{i}" for i in ids)
        source = source if is_seq2seq or len(source) > 1 else source * 2
        try:
            expected = self.reference(model, config, source, target)
        except RuntimeError as error:
            self.refused(folder, config, error)
            return config, "refused"
        text = [words(source), "--target", words(target)] if is_seq2seq else [words(source)]
        done = self.run("score", "-m", folder, *text, "--json", "--top-logprobs", "1000")
        if done.returncode != 0:
            raise Difference(f"score failed: {done.stderr[:300]}")
        tokens = [token for token in json.loads(done.stdout)["tokens"] if token["top"]]
        if len(tokens) != len(expected):
            raise Difference(f"{len(tokens)} positions for {len(expected)}")
        largest = max(1.0, expected.abs().max().item())
        worst = 0.0
        for row, token in zip(expected, tokens):
            if len(token["top"]) != vocabulary:
                raise Difference(f"{len(token['top'])} of {vocabulary} tokens")
            worst = max(worst, max(abs(row[entry["id"]].item() - entry["logprob"]) for entry in token["top"]))
        if worst > 1e-4 * largest:
            raise Difference(f"log-probabilities differ by {worst:.2g} of {largest:.3g}")
        self.generate(folder, model, config, source, words)
        return config, "equal"

    def reference(self, model, config, source, target):
        """The log-probabilities of the source's tokens from the second on, or of the target's tokens."""
        with torch.no_grad():
            if not model.config.is_encoder_decoder:
                return model(torch.tensor([source])).logits[0, :-1].log_softmax(-1)
            ids = torch.tensor([[config["decoder_start_token_id"]] + target])
            mask = torch.ones(1, len(source), dtype=torch.long)
            logits = model(input_ids=torch.tensor([source]), attention_mask=mask, decoder_input_ids=ids).logits
            return logits[0, :-1].log_softmax(-1)

    def refused(self, folder, config, error):
        """What transformers refuses must be refused, with the name of a key."""
        done = self.run("score", "-m", folder, "t1 t2", "--json")
        if done.returncode == 0 or not any(key in done.stderr for key in config):
            raise Difference(f"refused by transformers ({str(error)[:80]!r}), taken: {done.stderr[:200]}")

    def generate(self, folder, model, config, source, words):
        count = 8
        done = self.run("generate", "-m", folder, words(source), "--json", "--temperature", "0", "-n", str(count))
        if done.returncode != 0:
            raise Difference(f"generate failed: {done.stderr[:300]}")
        found = [token["id"] for token in json.loads(done.stdout)["completions"][0]["tokens"]]
        ids = torch.tensor([source])
        out = model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, num_beams=1, max_new_tokens=count,
            output_logits=True, return_dict_in_generate=True)
        new = out.sequences[0, 1 if model.config.is_encoder_decoder else len(source):].tolist()
        ends = model.generation_config.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        for index, (a, b) in enumerate(zip(found, new)):
            if a != b:
                top = out.logits[index][0].topk(2).values
                if (top[0] - top[1]).item() > 1e-4:
                    raise Difference(f"greedy ids {found} for {new}")
                return
        rest = new[len(found):]
        if len(found) > len(new) or (rest and rest[0] not in ends):
            raise Difference(f"greedy ids {found} for {new}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--architecture", required=True, choices=sorted(SWITCHES))
    parser.add_argument("--program", default=".build/debug/triptych")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    outcomes, failed = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(os.path.abspath(options.program), folder)
        for number in [options.only] if options.only is not None else range(options.runs):
            try:
                config, outcome = runner.check(number, options.architecture, options.seed)
            except Difference as error:
                failed += 1
                outcome = "different"
                print(f"run {number}: {error}")
                if options.only is not None:
                    print(open(f"{folder}/model/config.json").read())
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    print(options.architecture, outcomes)
    sys.exit(failed > 0)
