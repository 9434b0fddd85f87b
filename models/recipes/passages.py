"""The passages that `cloze` reads, and every 50th of them, which it does not."""
import random

import common


def split(corpora):
    """The passages to train on, and the held-out ones; a passage that occurs twice is on one side only."""
    out = []
    for name in ("openstax.txt", "factbook.txt", "standard-ebooks.txt"):
        out += [line for line in common.read(corpora, name).split("\n") if len(line) > 30]
    out += [" ".join(x.split()) for x in common.read(corpora, "gutenberg.txt").split("\n\n") if len(x) > 30]
    english = sorted({line.split("\t")[0] for line in common.read(corpora, "tatoeba-eng-fra.tsv").split("\n") if line})
    random.Random(0).shuffle(english)
    sixes = len(out)
    out += [" ".join(english[i:i + 6]) for i in range(0, len(english), 6)]
    held = list(dict.fromkeys(out[::50]))
    never = set(held)
    train = [x for x in out if x not in never]
    # Half the everyday sentences stand alone a second time, as people type them; none from a held-out six.
    alone = [x for i in range(0, len(english), 6) if (sixes + i // 6) % 50 for x in english[i:i + 6:2]]
    return train + alone, held
