#!/usr/bin/env python3
"""Makes Tests/Fixtures/tokenizers/mapped.json: small tokenizers of Marian's and M2M-100's kind, and the ids of transformers.

    python3 Tests/Fixtures/make_mapped_tokenizer_fixtures.py        (sentencepiece, transformers 5.24)

Each case has the files of a folder (SentencePiece models in base64) and for each text the ids and the decoded text,
without special tokens and with them.
"""

import base64
import io
import json
import os
import tempfile

import sentencepiece
from transformers import M2M100Tokenizer, MarianTokenizer
from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES

HERE = os.path.dirname(os.path.abspath(__file__))
LINES = [
    "Once upon a time there lived a fisherman by the sea.",
    "The king had a daughter, and the daughter had a little boat.",
    "Comment allez-vous ? Bonjour, la mer est calme ; le roi était là.",
    "The boat is on the sea, the king is in the boat, and the sea is calm.",
    "½ ﬁsh, ① king",
] * 4
TEXTS = [
    "", " ", "the king", "  The  king \n had\ta boat. ", "Once upon a time", "l'été", "日本 the 日 sea", "ﬁsh ½ ①", "été et e\u0301te\u0301",
    "a</s>b", "the <unk> king", "▁the▁king", "x" * 40, ">>fra<< the king", ">>deu<<the king", "__fr__", "🙂🙂 sea",
    ">>none<< the king", "the >>fra<< king", ">>fra<<>>deu<< sea", ">>a >> b<< king << sea", ">>fra< king", ">><<", "</s>>>fra<< sea",
]
# A character map of a few rules, in the form that sentencepiece reads: code points, tab, code points.
RULES = "FB01\t66 69\nBD\t31 2F 32\n2460\t31\n65 301\tE9\nA\t20\n9\t20\n"


def trained(kind, rules, size, **options):
    model = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        file.write(RULES)
        file.flush()
        normalizer = {"normalization_rule_tsv": file.name} if rules else {"normalization_rule_name": "identity"}
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(LINES), model_writer=model, model_type=kind, vocab_size=size, num_threads=1,
            minloglevel=2, **normalizer, **options)
    return model.getvalue()


def pieces(model):
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    return [processor.id_to_piece(i) for i in range(processor.get_piece_size())]


def case(name, tokenizer_class, files):
    with tempfile.TemporaryDirectory() as folder:
        for file, content in files.items():
            with open(f"{folder}/{file}", "wb") as target:
                target.write(content if isinstance(content, bytes) else json.dumps(content).encode())
        tokenizer = tokenizer_class.from_pretrained(folder)
        results = []
        for text in TEXTS:
            ids = tokenizer(text).input_ids
            decoded = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
            whole = tokenizer.decode(ids, clean_up_tokenization_spaces=False)
            results.append({"ids": ids, "decoded": decoded, "whole": whole})
    stored = {
        key: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else json.dumps(value)
        for key, value in files.items()
    }
    return {"name": name, "files": stored, "results": results}


def marian():
    model = trained("unigram", True, 64)
    # The ids differ from the model's; some pieces are missing; one whole text is a piece of the vocabulary only.
    words = ["</s>", "<unk>", ">>fra<<", ">>deu<<", "日本"] + [p for i, p in enumerate(pieces(model)[3:]) if i % 7 != 3][::-1]
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys(words + ["<pad>"]))}
    settings = {"source_lang": "en", "target_lang": "roa", "tokenizer_class": "MarianTokenizer"}
    files = {"source.spm": model, "target.spm": model, "vocab.json": vocabulary, "tokenizer_config.json": settings}
    return case("marian", MarianTokenizer, files | {"config.json": {"model_type": "marian"}})


def m2m_100(kind, rules, size):
    model = trained(kind, rules, size, bos_id=0, pad_id=1, eos_id=2, unk_id=3)
    vocabulary = {piece: i for i, piece in enumerate(pieces(model)[:-4])}
    settings = {"src_lang": "fr", "tgt_lang": "en", "tokenizer_class": "M2M100Tokenizer"}
    # As the published files list them.
    settings["additional_special_tokens"] = [f"__{code}__" for code in FAIRSEQ_LANGUAGE_CODES["m2m100"]]
    files = {"sentencepiece.bpe.model": model, "vocab.json": vocabulary, "tokenizer_config.json": settings}
    return case(f"m2m_100, {kind}", M2M100Tokenizer, files | {"config.json": {"model_type": "m2m_100"}})


if __name__ == "__main__":
    cases = [marian(), m2m_100("unigram", False, 62), m2m_100("bpe", True, 140)]
    with open(f"{HERE}/tokenizers/mapped.json", "w") as file:
        json.dump({"texts": TEXTS, "cases": cases}, file, separators=(",", ":"))
