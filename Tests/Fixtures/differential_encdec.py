#!/usr/bin/env python3
"""Runs tiny models of GPT-NeoX, GPT-Neo, OPT, BART's family, mT5 and umT5 with random configurations through triptych and
transformers 5.24, and reports where they differ: differential_models.py with other architectures.

    python3 Tests/Fixtures/differential_encdec.py --architecture bart [--runs 200] [--seed 1] [--only N] [--program PATH]

An encoder-decoder model scores a target and continues the start of its decoder's text.
"""

import torch
from transformers import AutoModelForSeq2SeqLM

import differential_models
from differential_models import ACTIVATIONS, LETTERS, ROTARY, Architecture, compare_scores, main, maybe, rotary




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
    config |= {"max_position_embeddings": r.choice([24, 40])}
    config |= maybe(r, 0.5, "rotary_pct", lambda: r.choice([0.25, 0.4, 0.5, 0.7, 1.0]))
    config |= maybe(r, 0.4, "rotary_emb_base", lambda: r.choice([10, 500, 10000]))
    if r.random() < 0.5:
        width = config["hidden_size"] // heads
        config |= rotary(r, config | {"head_dim": width}, ROTARY, r.choice([0.5, 1.0]))
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


def sized(draw, kind):
    """A configuration with the sizes that all have."""

    def drawn(r):
        config = {"model_type": kind, "vocab_size": 37}
        if kind not in ("mt5", "umt5"):
            config["max_position_embeddings"] = 40
        return config | draw(r)

    return drawn


def check_seq2seq(case):
    """Scores a target of a source, and continues the start of the decoder's text."""
    vocabulary = [case.config.get(key) for key in ("vocab_size", "decoder_vocab_size")]
    letters = min([n for n in vocabulary if type(n) is int and 0 < n < 1000] + [len(LETTERS)])
    padding = case.config.get("pad_token_id")

    def drawn(count):
        return [id for id in (case.r.randrange(letters) for _ in range(count)) if id != padding] or [letters - 1]

    source, target = drawn(case.r.choice([1, 2, 9, 20])), drawn(case.r.choice([1, 2, 5, 17]))
    texts = ["".join(LETTERS[id] for id in ids) for ids in (source, target)]
    found = case.call(
        "score", "-m", case.folder, "-t", "1", "--json", "--top-logprobs", "1000", "--target", texts[1], "--", texts[0])
    if found is None:
        return case.refused()
    if case.refusal:
        return "raised", case.refusal
    greedy = case.call("generate", "-m", case.folder, "-t", "1", "--json", "-n", "8", "--temperature", "0", "--", texts[0])
    try:
        why = compare_scores([None, *found["tokens"]], logits_of_target(case, source, target))
        why = why or compare_greedy(case, greedy, source)
    except Exception as error:
        return "raised", f"{type(error).__name__}: {str(error)[:120]}"
    return ("DIFFERENT", why) if why else ("equal", "")


@torch.no_grad()
def logits_of_target(case, source, target):
    """Log-probabilities before each token of the target."""
    ids = torch.tensor([[case.config["decoder_start_token_id"], *target]])
    mask = torch.ones(1, len(source), dtype=torch.long)
    logits = case.model(input_ids=torch.tensor([source]), attention_mask=mask, decoder_input_ids=ids).logits
    return logits[0, :-1].log_softmax(-1)


@torch.no_grad()
def compare_greedy(case, answer, source):
    if answer is None:
        return f"scores but does not generate: {case.errors[:200]}"
    made = [token["id"] for token in answer["completions"][0]["tokens"]]
    ids = torch.tensor([source])
    out = case.model.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=False, num_beams=1, max_new_tokens=8, output_logits=True,
        return_dict_in_generate=True)
    expected = out.sequences[0, 1:].tolist()
    for place, (id, other) in enumerate(zip(made, expected)):
        if id != other:
            best = out.logits[place][0].topk(2).values
            return f"token {place} is {id}, not {other}" if best[0] - best[1] > 1e-4 else None
    ends = case.model.generation_config.eos_token_id
    rest = expected[len(made):]
    if len(made) > len(expected) or rest and rest[0] not in (ends if isinstance(ends, list) else [ends]):
        return f"tokens {made}, not {expected}"
    return None


def weights(model, r):
    """The weights of a file; most lack the tables of positions that can be computed, some have copies of tied weights."""
    state = all_weights(model, r)
    if r.random() < 0.7:
        state = {key: value for key, value in state.items() if not key.startswith("model.") or "embed_positions" not in key
                 or model.config.model_type != "marian"}
    shared = next((key for key in state if key.endswith("shared.weight")), None)
    for key in getattr(model, "all_tied_weights_keys", None) or {}:
        if shared and key not in state and r.random() < 0.3:
            state[key] = state[shared].clone()
    if r.random() < 0.3:
        state.pop("final_logits_bias", None)
    return state


class Case(differential_models.Case):
    def make(self):
        super().make()
        # The pipeline of tokenizer.json, not that of the model's usual class.
        self.write("tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})


all_weights, differential_models.weights, differential_models.Case = differential_models.weights, weights, Case
CAUSAL = {"gpt_neo": gpt_neo, "gpt_neox": gpt_neox, "opt": opt}
SEQ2SEQ = {
    "bart": bart, "m2m_100": m2m_100, "marian": marian, "mbart": bart, "mt5": t5, "umt5": t5,
}
differential_models.ARCHITECTURES.clear()
differential_models.ARCHITECTURES.update({name: Architecture(sized(draw, name)) for name, draw in CAUSAL.items()})
differential_models.ARCHITECTURES.update(
    {name: Architecture(sized(draw, name), check_seq2seq, AutoModelForSeq2SeqLM) for name, draw in SEQ2SEQ.items()})

if __name__ == "__main__":
    main()
