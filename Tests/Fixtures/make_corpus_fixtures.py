#!/usr/bin/env python3
"""Writes corpora/gzip.json, corpora/csv.json and corpora/splits.json: compressed data from zlib with its content, tables from Python's csv module with their
rows, and texts with their splits (10 % validation, 20 % test), computed here from the definition of the hash.

    python3 Tests/Fixtures/make_corpus_fixtures.py
"""
import base64, csv, gzip, io, json, os, random, struct, zlib

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpora")
os.makedirs(HERE, exist_ok=True)


def member(content, level=9, strategy=zlib.Z_DEFAULT_STRATEGY, flags=0, extra=b""):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    body = packer.compress(content) + packer.flush()
    head = b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\2\3" + extra
    if flags & 2: head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head + body + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def compressed():
    rng = random.Random(4)
    lines = "".join(f"line {i} of many, {i * i % 97}\n" for i in range(1500)).encode()
    noise = rng.randbytes(300)
    cases = {
        "empty": (b"", member(b"")), "stored": (noise, member(noise, level=0)), "fixed": (lines[:700], member(lines[:700], strategy=zlib.Z_FIXED)),
        "dynamic": (lines, member(lines)), "fast": (lines, member(lines, level=1)), "huffman only": (lines[:900], member(lines[:900], strategy=zlib.Z_HUFFMAN_ONLY)),
        "runs": (b"a" * 5000 + b"b" * 300, member(b"a" * 5000 + b"b" * 300)), "noise": (noise, member(noise)),
        "one byte": (b"x", member(b"x")), "one symbol": (b"z" * 70000, member(b"z" * 70000)),
        "members": (b"first\nsecond\n", member(b"first\n") + member(b"second\n", level=0)),
        "header": (b"named", member(b"named", flags=0x1F & ~1, extra=struct.pack("<H", 3) + b"abc" + b"name.txt\0" + b"a comment\0")),
        "zeros behind": (b"padded", member(b"padded") + bytes(20)), "module": (lines[:400], gzip.compress(lines[:400], mtime=0)),
    }
    for name, (content, data) in cases.items():
        assert name == "zeros behind" or gzip.decompress(data) == content, name
    return [dict(name=n, data=base64.b64encode(d).decode(), length=len(c), crc=zlib.crc32(c), start=base64.b64encode(c[:200]).decode()) for n, (c, d) in cases.items()]


def tables():
    rng = random.Random(8)
    parts = ["a", "b c", ",", '"', "\n", "\r\n", "é", "", " ", "x,y", '""', "\t", "'"]
    cases = []
    for ending in ["\n", "\r\n"]:
        for quoting in [csv.QUOTE_MINIMAL, csv.QUOTE_ALL]:
            for number in range(6):
                width = rng.randrange(2, 5)
                rows = [["".join(rng.choices(parts, k=rng.randrange(4))) for _ in range(width)] for _ in range(rng.randrange(1, 7))]
                file = io.StringIO()
                csv.writer(file, lineterminator=ending, quoting=quoting).writerows(rows)
                text = file.getvalue()
                if number % 2: text = text[:-len(ending)]
                assert list(csv.reader(io.StringIO(text, newline=""))) == rows
                cases.append(dict(text=text, rows=rows))
    return cases


def split(text):
    mask = 2**64 - 1
    value = 0xCBF29CE484222325
    for character in "".join(word + " " for word in text.lower().split()):
        value = (value ^ ord(character)) * 0x100000001B3 & mask
    for factor in [0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53]:
        value = (value ^ value >> 33) * factor & mask
    place = ((value ^ value >> 33) >> 11) / 2**53
    return "test" if place < 0.2 else "validation" if place < 0.2 + 0.1 else "train"


def write(name, value):
    with open(os.path.join(HERE, name + ".json"), "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    write("gzip", compressed())
    write("csv", tables())
    write("splits", {text: split(text) for text in ["", "Élan  vital", *(f"Text {i} of\tmany" for i in range(58))]})
