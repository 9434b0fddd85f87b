"""Tatoeba's sentence pairs, and 2,000 of them of which neither side is trained on."""
import random

import common

EN_FR, FR_EN = "translate English to French: ", "translate French to English: "


def split(corpora):
    """The pairs to train on, and the held-out ones.

    1,500 pairs are drawn; every pair with an English side of theirs leaves the training data. Of the pairs that left, those whose French
    side is nowhere in training are held out, the first 2,000 of them.
    """
    pairs = [tuple(line.split("\t")[:2]) for line in common.read(corpora, "tatoeba-eng-fra.tsv").split("\n") if line]
    pairs = [(e, f) for e, f in pairs if len(e) < 160 and len(f) < 200]
    random.Random(0).shuffle(pairs)
    english = {e for e, _ in pairs[:1500]}
    train = [p for p in pairs if p[0] not in english]
    french = {f for _, f in train}
    return train, [p for p in pairs if p[0] in english and p[1] not in french][:2000]
