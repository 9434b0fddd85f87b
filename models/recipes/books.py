"""The story books, cut into chapters and stories, and the one that nobody trains on: no model and no tokenizer."""
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
    return [(title, text) for title, text in out if text]


NUMBERED = re.compile(r"(CHAPTER|Chapter|VOLUME|BOOK|Book|PART|Part)\b.{0,60}|[IVXLC]+\.?|[IVXLC]+\. .{1,70}")


def is_heading(line, following):
    """Whether a line begins a chapter or a story: by its number, or a title that a long paragraph or a number follows."""
    if NUMBERED.fullmatch(line):
        return True
    if len(line) >= 70 or not any(c.isalpha() for c in line):
        return False
    is_title = line.isupper() or line[0].isupper() and line[-1] not in ".,;:!?—-”’\"')"
    return is_title and (len(following) > 120 or NUMBERED.fullmatch(following) is not None)


def stories(text):
    """The chapters or stories of a book, each with its headings; what holds headings alone joins what follows."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    out = [[]]
    for line, following in zip(lines, lines[1:] + [""]):
        if is_heading(line, following) and any(len(earlier) > 120 for earlier in out[-1]):
            out.append([])
        out[-1].append(line)
    return ["\n".join(part) for part in out]


def split(corpora):
    """The texts to train on, and the held-out book."""
    everything = books(corpora)
    held = [text for title, text in everything if title == HELD_OUT]
    assert len(held) == 1, [title for title, _ in everything]
    return [text for title, text in everything if title != HELD_OUT], held[0]


# Marks of books for children and of tales: read twice as often in the second half of a run.
CHILDREN = ("Nesbit", "Baum", "MacDonald", "Burnett", "Alcott", "Montgomery", "Lofting", "Carroll", "Barrie", "Eleanor H. Porter", "Sewell", "Salten",
            "Lagerl", "Canfield", "Kingsley", "Grahame", "Pooh", "Just So", "Jungle", "Fairy", "Tales", "Heidi", "Pinocchio", "Katy", "Potter", "Wilde", "Andersen",
            "Robin Hood", "Arabian", "Burgess", "Wiggin", "Webster", "Limberlost", "Freckles", "Prince and the Pauper", "Penrod", "Dragons")


def is_for_children(title):
    """Whether one of the additional books is for children, by its title line."""
    return any(words in title for words in CHILDREN)
