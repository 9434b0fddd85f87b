#!/usr/bin/env python3
"""Makes Tests/Fixtures/gguf/tokenizers.json: tokenizers as the metadata of GGUF files, with the ids of the libraries that
they come from. Needs sentencepiece, tokenizers and transformers 5.24; the output is the same at every run.

    python3 Tests/Fixtures/make_gguf_tokenizer_fixtures.py

cases:  `metadata` as llama.cpp's converter writes it; for each of the texts `ids` without and `framed` with the tokens
        around a text.
pieces: for each name of a pre-tokenizer the published expressions, and how `tokenizers` cuts the texts by them.
"""

import io
import json
import os
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as proto
from tokenizers import Regex, pre_tokenizers
from transformers import BertTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = [
    "Once upon a time there was a little girl named Lily. She loved to play outside in the park.",
    "One day, Tom and Lily went to the park. They saw a big red ball. \"Look!\" said Tom, \"it's so big!\"",
    "Der kleine Hund läuft über die Straße, weil er 12 Würste gesehen hat.",
    "Les ships de l'été: 3,14 € — naïve café; déjà vu.",
    "нещо на Български и ещё немного слов",
    "日本語の文章は短い。中文也是这样。",
    "def f(x):\n    return x + 1\n\n\tpass",
] * 3
TEXTS = [
    "", " ", "  ", "\n", "\t\n", "Once upon a time", " Once upon", "Tom's ball, isn't it? WE'VE 'RE i'LL",
    "  two  spaces  ", "naïve cafe\u0301 Straße", "123 1234 12345 ½ ²", "日本語 中文 ａｂｃ ﬁ", "нещо на Български",
    "a\r\n\r\nb\n\n\nc", "🦙 👩\u200d🦰 \u2581x", "foo_bar(x)[0] += 1; // !!??\n\tend", "ÀÉ Ǆ ʰ ªx ᏸ ᾼ", "\u3000wide\u00a0space",
    "CamelCaseWORDSmixed", "off office ffi xff", "'ſ ıİ ß", "x…。y،z", "\u0964\u0000\u200b\ufeff", "aaaaaaaaaaaaaaaaaaaa", "   \n  \n x",
]
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
HAN = r"[一-龥ࠀ-一가-퟿]+"
EXPRESSIONS = {
    "gpt-2": [GPT2],
    "llama-bpe": [CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + SPACES],
    "qwen2": [CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + SPACES],
    "starcoder": [r"\p{N}", GPT2],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT2, "[0-9][0-9][0-9]"],
    "deepseek-coder": [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", HAN, r"\p{N}"],
    "deepseek-v3": [
        r"\p{N}{1,3}", r"[一-龥぀-ゟ゠-ヿ]+",
        r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|"""
        r""" ?[\p{P}\p{S}]+[\r\n]*|""" + SPACES,
    ],
    "tekken": [f"{UPPER}*{LOWER}+|{UPPER}+{LOWER}*" + r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + SPACES],
    "gpt-4o": [
        f"{UPPER}*{LOWER}+{CONTRACTIONS}?|{UPPER}+{LOWER}*{CONTRACTIONS}?"
        + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + SPACES
    ],
    "bloom": [r" ?[^(\s|.,!?…。，、।۔،)]+"],
    "viking": [r" ?[^(\s|.,!?…。，、।۔،)]+", r"\p{N}"],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
}


def train(kind, size, **options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=model, model_type=kind, vocab_size=size, minloglevel=2, **options)
    parsed = proto.ModelProto()
    parsed.ParseFromString(model.getvalue())
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue()), parsed


def metadata(model, parsed):
    pieces = parsed.pieces
    keys = {
        "model": model, "tokens": [p.piece for p in pieces], "scores": [p.score for p in pieces],
        "token_type": [p.type for p in pieces], "unknown_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
        "add_space_prefix": parsed.normalizer_spec.add_dummy_prefix,
        "remove_extra_whitespaces": parsed.normalizer_spec.remove_extra_whitespaces,
    }
    if parsed.normalizer_spec.precompiled_charsmap:
        keys["precompiled_charsmap"] = list(parsed.normalizer_spec.precompiled_charsmap)
    return {f"tokenizer.ggml.{key}": value for key, value in keys.items()}


def case(name, keys, encode, before, after):
    ids = [encode(text) for text in TEXTS]
    return {"name": name, "metadata": keys, "ids": ids, "framed": [before + i + after for i in ids]}


def wordpiece():
    words = sorted({w.lower() for line in CORPUS for w in line.split()})
    letters = sorted({c for w in words for c in w if c.isalpha() and ord(c) < 128})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused0]", *letters, *["##" + c for c in letters]]
    vocabulary += [w for w in words if w.isalpha() and w not in vocabulary] + list(".,!?'\"_()[]=+;/…。¿½")
    vocabulary += ["##ing", "##ed", "日", "本", "中", "文"]
    tokenizer = BertTokenizer(vocab={w: i for i, w in enumerate(vocabulary)})
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    phantom = lambda w: w if w in special or w == "[unused0]" else w[2:] if w.startswith("##") else "\u2581" + w
    keys = {
        "tokenizer.ggml.model": "bert", "tokenizer.ggml.tokens": [phantom(w) for w in vocabulary],
        "tokenizer.ggml.token_type": [3 if w in special else 1 for w in vocabulary],
        "tokenizer.ggml.unknown_token_id": 1, "tokenizer.ggml.cls_token_id": 2, "tokenizer.ggml.seperator_token_id": 3,
        "tokenizer.ggml.padding_token_id": 0, "tokenizer.ggml.mask_token_id": 4,
        # As gguf-py's SpecialVocab reads them from a BERT's tokenizer.json. llama.cpp ignores them.
        "tokenizer.ggml.add_bos_token": True, "tokenizer.ggml.add_eos_token": True, "tokenizer.ggml.add_sep_token": False,
    }
    return case("WordPiece", keys, lambda t: tokenizer(t, add_special_tokens=False)["input_ids"], [2], [3])


def main():
    plain = dict(normalization_rule_name="identity", remove_extra_whitespaces=False)
    bpe, parsed = train("bpe", 420, byte_fallback=True, split_digits=True, **plain)
    cases = [case("SentencePiece BPE", metadata("llama", parsed), bpe.encode, [1], [])]
    bare, parsed = train("bpe", 420, byte_fallback=True, add_dummy_prefix=False, **plain)
    keys = metadata("llama", parsed) | {"tokenizer.ggml.add_bos_token": False, "tokenizer.ggml.add_eos_token": True}
    cases.append(case("SentencePiece BPE without a prefix", keys, bare.encode, [], [2]))
    # The longest key counts: `ffi` before `ff` before `f`.
    rules = [("66 66", "F"), ("66 66 69", "66 69"), ("FB01", "66 69"), ("65 301", "E9"), ("9", "20"), ("A0", "20"),
             ("3000", "20"), ("200B", ""), ("BD", "31 2F 32"), ("FF41", "61")]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rules.tsv")
        with open(path, "w") as file:
            file.write("".join(f"{a}\t{b}\n" for a, b in rules))
        options = dict(normalization_rule_tsv=path, hard_vocab_limit=False)
        unigram, parsed = train("unigram", 160, **options)
        kept, kept_parsed = train("unigram", 160, remove_extra_whitespaces=False, **options)
    cases.append(case("unigram with a character map", metadata("t5", parsed), unigram.encode, [], [2]))
    cases.append(case("unigram that keeps spaces", metadata("t5", kept_parsed), kept.encode, [], [2]))
    cases.append(wordpiece())
    pieces = {}
    for name, expressions in EXPRESSIONS.items():
        split = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(e), "isolated") for e in expressions])
        pieces[name] = [[piece for piece, _ in split.pre_tokenize_str(text)] for text in TEXTS]
    with open(os.path.join(HERE, "gguf", "tokenizers.json"), "w") as file:
        json.dump({"texts": TEXTS, "cases": cases, "pieces": pieces}, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
