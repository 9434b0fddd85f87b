"""The passages that `cloze` reads, and every 50th of them, which it does not."""
import collections, random

import common


def split(corpora):
    """The passages to train on, and the held-out ones; a passage that occurs twice is held out nowhere.

    A passage of everyday sentences is six of them, of which the first, third and fifth stand alone a second time, as people type them.
    Of a held-out six only the other three are asked for: the first weights of `cloze` had read the former by themselves.
    """
    out = []
    for name in ("openstax.txt", "factbook.txt", "standard-ebooks.txt"):
        out += [line for line in common.read(corpora, name).split("\n") if len(line) > 30]
    out += [" ".join(x.split()) for x in common.read(corpora, "gutenberg.txt").split("\n\n") if len(x) > 30]
    english = sorted({line.split("\t")[0] for line in common.read(corpora, "tatoeba-eng-fra.tsv").split("\n") if line})
    random.Random(0).shuffle(english)
    train, held, count = [], [], collections.Counter(out)
    for i, passage in enumerate(out):
        (train if i % 50 else held).append(passage)
    held = [passage for passage in held if count[passage] == 1]
    for i in range(0, len(english), 6):
        if (len(out) + i // 6) % 50:
            train += [" ".join(english[i:i + 6]), *english[i:i + 6:2]]
        else:
            held.append(" ".join(english[i + 1:i + 6:2]))
    return train, [passage for passage in held if passage]
