"""Makes the vocabulary of the storytellers: byte-level BPE of 10,240 tokens over the books, the held-out one excepted.

    python storyteller_vocabulary.py --corpora CORPORA --out models/storyteller/tokenizer.json

Of the additional books every fourth line counts.
"""
import argparse

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

import books, common

p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
p.add_argument("--corpora", required=True)
p.add_argument("--out", required=True)
a = p.parse_args()
train, held = books.split(a.corpora)
lines = [line for text in train for line in text.split("\n") if line]
more = [line for book in common.read(a.corpora, "standard-ebooks-more.txt").split("\n\n\n") for line in book.split("\n")[1:]]
lines += [line for number, line in enumerate(more, 1) if line and number % 4 == 0]
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
tokenizer.train_from_iterator(iter(lines), trainers.BpeTrainer(
    vocab_size=10240, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
tokenizer.save(a.out)
print("bytes a token on the held-out book", len(held.encode()) / len(tokenizer.encode(held).ids))
