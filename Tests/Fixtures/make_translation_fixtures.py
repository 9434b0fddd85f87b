#!/usr/bin/env python3
"""Makes Tests/Fixtures/translation: tiny translation models, one for each way in which a model is told its languages.

    python3 Tests/Fixtures/make_translation_fixtures.py        (transformers 5.24, tokenizers, sentencepiece, torch)

Each folder is a whole model with random weights. `expected.json` has for each model and pair of languages the encoder's
ids and the best beam of transformers, with the language tokens as its translation pipeline sets them.
"""

import base64
import json
import os
import shutil

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    AutoTokenizer,
    M2M100Config,
    M2M100ForConditionalGeneration,
    MarianConfig,
    MarianMTModel,
    MBartConfig,
    MBartForConditionalGeneration,
    PreTrainedTokenizerFast,
)

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "translation")
MAPPED = json.load(open(os.path.join(os.path.dirname(HERE), "tokenizers", "mapped.json")))
TEXT = "the king had a boat"
COUNT = 7


def sizes(vocabulary):
    return {
        "vocab_size": vocabulary, "d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
        "decoder_attention_heads": 2, "encoder_ffn_dim": 20, "decoder_ffn_dim": 20, "max_position_embeddings": 64,
    }


def write(name, model, config, seed=7):
    """The model with wide weights, so that rounding can't change the order of beams."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for key, value in model.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            value.copy_(1 + 0.2 * noise if "norm" in key and key.endswith("weight") else 0.9 * noise)
    folder = os.path.join(HERE, name)
    model.eval().save_pretrained(folder)
    with open(f"{folder}/config.json", "w") as file:
        json.dump(config, file, indent=1)
    os.remove(f"{folder}/generation_config.json")
    return folder, type(model).from_pretrained(folder).double().eval()


def expected(model, ids, forced):
    source = torch.tensor([ids])
    out = model.generate(
        source, attention_mask=torch.ones_like(source), num_beams=2, max_new_tokens=COUNT, forced_bos_token_id=forced,
        do_sample=False, length_penalty=1.0, no_repeat_ngram_size=1)
    return {"source": ids, "ids": out[0, 1:].tolist()}


def mapped(folder, name):
    """The files of a tokenizer of mapped.json."""
    for file, content in next(case for case in MAPPED["cases"] if case["name"] == name)["files"].items():
        if file == "config.json":
            continue
        with open(f"{folder}/{file}", "wb") as target:
            target.write(content.encode() if isinstance(content, str) else base64.b64decode(content["base64"]))
    return AutoTokenizer.from_pretrained(folder)


def words(folder, codes, template):
    """A tokenizer.json of words with tokens of languages."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>"] + [f"▁{word}" for word in TEXT.split()] + ["▁le", "▁roi", "▁a", "▁bateau", "▁"]
    tokenizer = Tokenizer(models.Unigram([(piece, -float(i)) for i, piece in enumerate(dict.fromkeys(pieces))], unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in ["<s>", "<pad>", "</s>", "<unk>", *codes]])
    tokens = [(token, tokenizer.token_to_id(token)) for token in template if not token.startswith("$")]
    tokenizer.post_processor = processors.TemplateProcessing(single=" ".join(template), special_tokens=tokens)
    tokenizer.save(f"{folder}/tokenizer.json")
    with open(f"{folder}/tokenizer_config.json", "w") as file:
        names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
        json.dump({"tokenizer_class": "PreTrainedTokenizerFast"} | names, file, indent=1)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def marian():
    config = {"model_type": "marian", **sizes(70), "pad_token_id": 69, "decoder_start_token_id": 69, "eos_token_id": 0}
    folder, model = write("marian", MarianMTModel(MarianConfig(**config)), config, seed=12)
    tokenizer = mapped(folder, "marian")
    return {f"en {to}": expected(model, tokenizer(f">>{code}<< {TEXT}").input_ids, None) for to, code in
            (("fr", "fra"), ("de", "deu"))}


def m2m_100():
    config = {"model_type": "m2m_100", **sizes(248), "pad_token_id": 1, "decoder_start_token_id": 2, "eos_token_id": 2}
    folder, model = write("m2m-100", M2M100ForConditionalGeneration(M2M100Config(**config)), config)
    tokenizer = mapped(folder, "m2m_100, bpe")
    found = {}
    for source, target in (("en", "fr"), ("de", "zh")):
        tokenizer.src_lang = source
        found[f"{source} {target}"] = expected(model, tokenizer(TEXT).input_ids, tokenizer.get_lang_id(target))
    return found


def coded(name, config_class, model_class, codes, template, start=2, **more):
    """A model whose language tokens are in tokenizer.json; `None` in the template stands for the source language's token."""
    vocabulary = 13 + len(codes)
    config = {
        "model_type": config_class.model_type, **sizes(vocabulary + 3), "pad_token_id": 1, "eos_token_id": 2,
        "decoder_start_token_id": start(codes) if callable(start) else start, **more,
    }
    folder, model = write(name, model_class(config_class(**config)), config)
    first = next(iter(codes.values()))
    tokenizer = words(folder, codes.values(), [part or first for part in template])
    text = tokenizer(TEXT, add_special_tokens=False).input_ids
    found = {}
    for source, target in (("en", "fr"), ("fr", "de")):
        ids = [i for part in template for i in
               (text if part == "$A" else [tokenizer.convert_tokens_to_ids(part or codes[source])])]
        found[f"{source} {target}"] = expected(model, ids, tokenizer.convert_tokens_to_ids(codes[target]))
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    shutil.rmtree(HERE, ignore_errors=True)
    mbart = {"en": "en_XX", "fr": "fr_XX", "de": "de_DE"}
    nllb = {"en": "eng_Latn", "fr": "fra_Latn", "de": "deu_Latn", "zh": "zho_Hans", "zh2": "zho_Hant"}
    models_found = {
        "marian": marian(),
        "m2m-100": m2m_100(),
        # The source of mBART ends with its language token, that of mBART-50 begins with it; NLLB changed from the
        # former to the latter.
        "mbart": coded("mbart", MBartConfig, MBartForConditionalGeneration, mbart, ["$A", "</s>", None]),
        "nllb": coded("nllb", M2M100Config, M2M100ForConditionalGeneration, nllb, [None, "$A", "</s>"]),
    }
    with open(f"{HERE}/expected.json", "w") as file:
        json.dump({"text": TEXT, "count": COUNT, "models": models_found}, file, indent=1)
    for root, _, files in os.walk(HERE):
        for name in files:
            if name == "special_tokens_map.json":
                os.remove(os.path.join(root, name))
