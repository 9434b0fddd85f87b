#!/usr/bin/env python3
"""Makes Tests/Fixtures/summaries: tiny models that summarize by their own settings, and what transformers makes of texts.

    python3 Tests/Fixtures/make_summary_fixtures.py        (transformers 5.24, tokenizers, torch)

Each folder is a whole model with random weights: `t5` with `task_specific_params.summarization` over another
`generation_config.json`, `t5-plain` without tasks, and `bart` with everything in `generation_config.json`.
`expected.json` has for each text the ids of the best beam and the scores of all beams. transformers 5 has no pipeline for
summaries, so the task's settings are given to `generate`, as the pipeline of transformers 4 did.
"""

import json
import os
import shutil

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "summaries")
WORDS = "the king had a boat and queen saw sea of old man who was in it summarize :".split()
TEXTS = ["the king had a boat", "the queen saw the old man who was in the boat of the king",
         "the sea was old and the man was old and it had a king and a queen and a boat"]
LONG = " ".join(TEXTS * 3)
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
SIZE = len(SPECIAL) + len(WORDS) + 1


def tokenizer(folder, template):
    pieces = SPECIAL + [f"▁{word}" for word in WORDS] + ["▁"]
    made = Tokenizer(models.Unigram([(piece, -float(i)) for i, piece in enumerate(pieces)], unk_id=3))
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.decoder = decoders.Metaspace(prepend_scheme="always")
    made.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    tokens = [(token, made.token_to_id(token)) for token in template if not token.startswith("$")]
    made.post_processor = processors.TemplateProcessing(single=" ".join(template), special_tokens=tokens)
    made.save(f"{folder}/tokenizer.json")
    with open(f"{folder}/tokenizer_config.json", "w") as file:
        names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
        json.dump({"tokenizer_class": "PreTrainedTokenizerFast"} | names, file, indent=1)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def write(name, model, config, generation, seed):
    """The model with wide weights, so that rounding can't change the order of beams."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for key, value in model.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            value.copy_(1 + 0.2 * noise if "norm" in key and key.endswith("weight") else 0.5 * noise)
    folder = os.path.join(HERE, name)
    model.eval().save_pretrained(folder)
    for file, content in (("config", config), ("generation_config", generation)):
        with open(f"{folder}/{file}.json", "w") as target:
            json.dump(content, target, indent=1)
    return folder, type(model).from_pretrained(folder).double().eval()


def expected(model, tokens, text, prefix="", limit=None, **settings):
    ids = tokens(prefix + text, truncation=limit is not None, max_length=limit, return_tensors="pt").input_ids
    beams = settings.get("num_beams") or model.generation_config.num_beams
    out = model.generate(
        ids, attention_mask=torch.ones_like(ids), num_return_sequences=beams, return_dict_in_generate=True,
        output_scores=True, **settings)
    best = out.sequences[0, 1:].tolist()
    end = best.index(model.generation_config.eos_token_id) + 1 if model.generation_config.eos_token_id in best else len(best)
    case = {"text": text, "ids": best[:end], "scores": out.sequences_scores.tolist()}
    return case | ({"truncated": True} if limit else {})


def t5(name, task, generation, seed):
    ids = {"pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    config = {"model_type": "t5", "vocab_size": SIZE, "d_model": 16, "d_kv": 8, "d_ff": 20, "num_layers": 1, "num_heads": 2, **ids}
    made = T5ForConditionalGeneration(T5Config(**config))
    if task:
        config["task_specific_params"] = {"summarization": task, "translation_en_to_fr": {"prefix": "x"}}
    folder, model = write(name, made, config, ids | generation, seed)
    tokens = tokenizer(folder, ["$A", "</s>"])
    settings = dict(task)
    prefix = settings.pop("prefix", "summarize: ")
    return [expected(model, tokens, text, prefix, **settings) for text in TEXTS]


def bart():
    ids = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2}
    config = {
        "model_type": "bart", "vocab_size": SIZE, "d_model": 16, "encoder_layers": 1, "decoder_layers": 1,
        "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 20, "decoder_ffn_dim": 20,
        "max_position_embeddings": 32, **ids,
    }
    generation = ids | {
        "num_beams": 4, "min_length": 6, "max_length": 14, "length_penalty": 2.0, "early_stopping": True,
        "no_repeat_ngram_size": 3, "forced_bos_token_id": 0, "forced_eos_token_id": 2,
    }
    folder, model = write("bart", BartForConditionalGeneration(BartConfig(**config)), config, generation, seed=5)
    tokens = tokenizer(folder, ["<s>", "$A", "</s>"])
    return [expected(model, tokens, text) for text in TEXTS] + [expected(model, tokens, LONG, limit=32)]


if __name__ == "__main__":
    torch.set_num_threads(1)
    shutil.rmtree(HERE, ignore_errors=True)
    task = {
        "prefix": "summarize: ", "num_beams": 3, "min_length": 5, "max_length": 11, "length_penalty": 2.0,
        "early_stopping": True, "no_repeat_ngram_size": 2,
    }
    found = {
        "t5": t5("t5", task, {"num_beams": 2, "max_length": 6, "length_penalty": -1.0, "min_length": 2}, seed=3),
        "t5-plain": t5("t5-plain", {}, {"num_beams": 3, "max_new_tokens": 7, "no_repeat_ngram_size": 1}, seed=4),
        "bart": bart(),
    }
    with open(f"{HERE}/expected.json", "w") as file:
        json.dump({"models": found}, file, indent=1)
