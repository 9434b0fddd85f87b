"""The story books, one text each, and the one that nobody trains on: no model and no tokenizer."""
import re

import common

# Chosen before any model was trained on this split: plain story prose of middling length, by an author of whom nothing else is here.
HELD_OUT = "The Railway Children"
# The volumes of standard-ebooks.txt in their order; the file itself does not name them.
FIRST_WORDS = {"The Beginning of Things": "The Railway Children"}


def unwrap(text):
    """Joins the hard-wrapped lines of a plain-text book; paragraphs stay apart."""
    return "\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip())


def books(corpora):
    """`(title, text)` of each book; an unnamed one has its first words as its title."""
    out = []
    for text in common.read(corpora, "standard-ebooks.txt").split("\n\n\n"):
        words = " ".join(text[:200].split())
        title = next((name for start, name in FIRST_WORDS.items() if start in words), words[:40])
        out.append((title, text.strip()))
    parts = re.split(r"(?m)^\[([^\]\n]+) by [^\]\n]+\]\s*$", common.read(corpora, "gutenberg.txt"))
    out += [(title, unwrap(text)) for title, text in zip(parts[1::2], parts[2::2])]
    return out


def split(corpora):
    """The texts to train on, and the held-out book."""
    everything = books(corpora)
    held = [text for title, text in everything if title == HELD_OUT]
    assert len(held) == 1, [title for title, _ in everything]
    return [text for title, text in everything if title != HELD_OUT], held[0]
