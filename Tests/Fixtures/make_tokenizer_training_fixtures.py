#!/usr/bin/env python3
"""Writes tokenizers/training.json: tokenizers trained by the `tokenizers` library on a small text.

    python3 Tests/Fixtures/make_tokenizer_training_fixtures.py

The text is texts/elephants.txt, texts/railway.txt and generated lines with many repetitions and equally frequent pairs. For BPE and WordPiece the vocabulary
and the merges are kept, for Unigram the bits per byte of its most probable segmentation. WordPiece numbers its `##` characters in a random order, which
decides between equally frequent pairs. So they are given as special tokens, which have a fixed order.
"""
import json, math, os, random, tempfile
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))


def text():
    rng = random.Random(11)
    parts = [open(os.path.join(HERE, "texts", name), encoding="utf-8").read() for name in ["elephants.txt", "railway.txt"]]
    syllables = ["ba", "na", "an", "aa", "aaa", "o", "é", "ß", "中", "文", "😀", "th", "e", "r", "1", "22", "'s", "-", "x", "Q", "İ"]
    lines = ["  ".join("".join(rng.choices(syllables, k=rng.randrange(1, 6))) for _ in range(rng.randrange(0, 12))) for _ in range(120)]
    return "\n".join(parts) + "\n" + "\n".join(lines) + "\n\n\taaaaaaa aaaaaaaa abababab\r\nlast line without end"


def pairs(name, path, tokenizer, trainer, **settings):
    tokenizer.train([path], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    vocabulary = sorted(model["vocab"], key=model["vocab"].get)
    assert list(range(len(vocabulary))) == [model["vocab"][piece] for piece in vocabulary]
    return dict(name=name, vocabulary=vocabulary, merges=[" ".join(merge) for merge in model.get("merges", [])], **settings)


def byte_level(prefix):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    return tokenizer


def word_piece(lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def main():
    whole = text()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "text.txt")
        with open(path, "w", encoding="utf-8", newline="") as file: file.write(whole)
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        bpe = lambda **options: trainers.BpeTrainer(show_progress=False, initial_alphabet=alphabet, **options)
        cases = [pairs("bpe", path, byte_level(False), bpe(vocab_size=620, special_tokens=["<|endoftext|>"]), kind="bpe", size=620, special=["<|endoftext|>"])]
        tokenizer = byte_level(True)
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
        cases.append(pairs(
            "bpe, frequent pairs only", path, tokenizer, bpe(vocab_size=5000, min_frequency=4, special_tokens=["<s>", "a", "</s>"]), kind="bpe", size=5000,
            special=["<s>", "a", "</s>"], frequency=4, prefix_space=True, lowercase=True, form="nfkc"))
        for lowercase in [True, False]:
            first = pairs("", path, word_piece(lowercase), trainers.WordPieceTrainer(vocab_size=1, show_progress=False))
            inner = sorted(piece for piece in first["vocabulary"] if piece.startswith("##"))
            special = ["[PAD]", "[UNK]"] + inner
            trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=special, show_progress=False)
            cases.append(pairs("wordpiece", path, word_piece(lowercase), trainer, kind="wordpiece", size=400, special=special, lowercase=lowercase))
        inner = ["##" + letter for letter in "abcdefghijklmnopqrstuvwxyz"]
        special = ["[UNK]"] + inner
        trainer = trainers.WordPieceTrainer(
            vocab_size=300, min_frequency=2, special_tokens=special, show_progress=False, limit_alphabet=20, initial_alphabet=["e", "t", "ж"])
        cases.append(pairs(
            "wordpiece, limited alphabet", path, word_piece(True), trainer, kind="wordpiece", size=300, special=special, lowercase=True, limit=20, frequency=2,
            initial="etж"))
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        tokenizer.train([path], trainers.UnigramTrainer(vocab_size=300, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False))
        scores = dict((piece, score) for piece, score in json.loads(tokenizer.to_str())["model"]["vocab"])
        lines = [line for line in whole.split("\n") if line]
        total = sum(scores[token] for line in lines for token in tokenizer.encode(line).tokens)
        bits = -total / math.log(2) / sum(len(line.encode()) for line in lines)
    with open(os.path.join(HERE, "tokenizers", "training.json"), "w", encoding="utf-8") as file:
        json.dump(dict(text=whole, cases=cases, unigram=dict(size=300, bits_per_byte=round(bits, 4))), file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
