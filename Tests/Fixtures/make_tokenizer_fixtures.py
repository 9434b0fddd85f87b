#!/usr/bin/env python3
"""Reference data for the tokenizer tests, made by Hugging Face `tokenizers`, `transformers` 5.24 and `sentencepiece`.

    python make_tokenizer_fixtures.py [OUTPUT]

writes two files into OUTPUT (default: the folder `tokenizers` beside this script):

components.json  each pipeline component with one of three tiny models: `bytes` (each byte of the normalized text is a token),
                 `printable` (the same after ByteLevel) and `word` (each piece is a token). So ids show the text and offsets the alignment.
models.json      small trained tokenizers of every kind.

`make_tokenizer_folder_fixtures.py` writes the third, folders.json.

All `offsets` are flat lists of character offsets (start, end, start, end, …), as the libraries return them.
"""
import collections, io, json, math, os, random, sys

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.join(HERE, "tokenizers")

CORPUS = """
The old lighthouse keeper counted the ships each evening, and wrote their names in a blue book.
Nobody had asked him to; it was simply what he did when the wind was low and the lamp was lit.
"How many today?" his daughter would say. "Seven, and one that didn't answer," he'd reply.
In winter the harbour froze, the gulls were silent, and the book stayed closed for weeks.
She's going to the market; they're not coming, we've seen it all before, I'll wait, you'd better hurry.
Numbers like 3, 14, 159 and 2653 are tokens too; so are 50% and $9.99, or 1,234,567.
def area(width, height):
    if width < 0 or height < 0:
        raise ValueError("negative size")
    return width * height  # plain arithmetic
for (int i = 0; i < n; ++i) { total += values[i]; }
Le vieux gardien comptait les bateaux chaque soir; l'été, il écrivait « sept » près de la fenêtre.
Où est passé le garçon? Il a mangé une crêpe à Noël, naïvement, sans façon.
Die Straße führt über die Brücke, und größere Schiffe müssen draußen warten.
Ein Mädchen hörte die Vögel früh am Morgen. Ändern wir das Übliche!
El niño soñó con un pingüino; ¿cuántos años tendrá? ¡Qué lástima!
Старый смотритель считал корабли каждый вечер и записывал их имена.
Ο παλιός φάρος άναβε κάθε βράδυ και τα πλοία περνούσαν σιωπηλά.
灯台の番人は毎晩船を数えました。名前を青い本に書きました。
灯塔看守人每天晚上数船，把名字写在蓝色的书里。
등대지기는 매일 저녁 배를 세고 이름을 파란 책에 적었다.
حارس المنارة يعد السفن كل مساء ويكتب أسماءها في كتاب أزرق.
""".strip().split("\n") * 3
LATIN = [line for line in CORPUS if line.isascii()]  # the other characters stay unknown

HARD = [
    "", " ", "Hello world", "  The lighthouse  keeper ", "d\u00e9j\u00e0 vu de\u0301ja\u0300 vu", "\ufb01ne \u00bd \u2460 \uff21\uff11 \u33a5",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 ok \U0001f44d\U0001f3fd \U0001f1eb\U0001f1f7 \u263a\ufe0f", "灯台の番人 mixed with English 123と",
    "حارس المنارة ١٢٣", "등대지기 \u1103\u1173\u11bc 가\u11a8", "\x00\x01\x07\x1b[31m\x7f\x85 x", "if x:\n\treturn  x**2 # go\r\n\n\n  end",
    "They're here; I'LL say it's n't 's", " \n \t \u00a0\u3000\u2003 x ", "İstanbul ΑΣ straße ẞ ǅ", "q\u0307\u0323 e\u0323\u0301 \u0301\u0323a",
    "\ufeff\u200b\u200d\u2028\ufffd", "a.b,c!d?e 'f' \"g\" don't do not .", "क्षि नमस्ते ก็ำ \u0958", "▁ a▁b ▁▁c",
    "aaaaaaaaaaaaaaaaaaaaaaaaa    bbbb", "\U0001d54f \U00010348 \U00012000 \u212b\u2126", "1,234.56 $9.99 50% #a @b http://x.y/z?a=b&c",
    "[MASK] x[MASK]y  <s>z</s> <unk>", "NaÏve CAFÉ Ünïcode", "\u09c7\u09be \u1025\u102e \u0ccb \U0001112e \u1113\u1166",
]
LONG = ["ab" * 400, " " * 90 + "x", "w" * 101 + " " + "w" * 100, "\n" * 40 + "end"]


def results(encode, decode, texts):
    """The ids, offsets and both decodings of each text."""
    found = []
    for text in texts:
        ids, offsets = encode(text)
        found.append({"ids": ids})
        if offsets is not None: found[-1]["offsets"] = [x for pair in offsets for x in pair]
        if decode: found[-1].update(decoded=decode(ids, False), decoded_plain=decode(ids, True))
    return found


def of_tokenizer(tokenizer, texts, decodes=True):
    def encode(text):
        encoding = tokenizer.encode(text)
        return encoding.ids, encoding.offsets
    decode = lambda ids, skip: tokenizer.decode(ids, skip_special_tokens=skip)
    return results(encode, decode if decodes else None, texts)


def write(name, value):
    path = os.path.join(OUT, name)
    with io.open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=True, separators=(",", ":"))
        file.write("\n")
    print(name, os.path.getsize(path))


# Components

BYTES = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
         "fuse_unk": False, "byte_fallback": True, "ignore_merges": False,
         "vocab": {f"<0x{b:02X}>": b for b in range(256)}, "merges": []}
PRINTABLE = {**BYTES, "byte_fallback": False, "vocab": {c: i for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}}
WORD = {"type": "WordLevel", "vocab": {"<unk>": 0, "the": 1}, "unk_token": "<unk>"}
MODELS = {"bytes": BYTES, "word": WORD, "printable": PRINTABLE}
COMPONENT_TEXTS = HARD[1:]

def added(content, **flags):
    token = {"content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    token.update(flags)
    return token

def sequence(kind, *parts):
    return {"type": "Sequence", kind: list(parts)}

def split(pattern, behavior, invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}

BERT = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")

NORMALIZERS = {
    "NFC": {"type": "NFC"}, "NFD": {"type": "NFD"}, "NFKC": {"type": "NFKC"}, "NFKD": {"type": "NFKD"},
    "Lowercase": {"type": "Lowercase"}, "StripAccents": sequence("normalizers", {"type": "NFD"}, {"type": "StripAccents"}),
    "Strip": {"type": "Strip", "strip_left": True, "strip_right": True},
    "Strip left": {"type": "Strip", "strip_left": True, "strip_right": False},
    "Nmt": {"type": "Nmt"}, "Prepend": {"type": "Prepend", "prepend": "▁x"}, "ByteLevel": {"type": "ByteLevel"},
    "Replace string": {"type": "Replace", "pattern": {"String": "a"}, "content": "éé"},
    "Replace pattern": {"type": "Replace", "pattern": {"Regex": " {2,}|\\d+"}, "content": "_"},
    "Replace away": {"type": "Replace", "pattern": {"Regex": "[aeiou]"}, "content": ""},
    "Bert": BERT, "Bert cased": dict(BERT, lowercase=False), "Bert accents": dict(BERT, lowercase=False, strip_accents=True),
    "Bert bare": dict(BERT, clean_text=False, handle_chinese_chars=False, strip_accents=False),
    "Llama": sequence("normalizers", {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}),
}
WORD_PRE_TOKENIZERS = {
    "ByteLevel": BYTE_LEVEL, "ByteLevel prefix": dict(BYTE_LEVEL, add_prefix_space=True),
    "ByteLevel whole": dict(BYTE_LEVEL, use_regex=False),
    "Whitespace": {"type": "Whitespace"}, "WhitespaceSplit": {"type": "WhitespaceSplit"}, "Bert": {"type": "BertPreTokenizer"},
    "Digits": {"type": "Digits", "individual_digits": False}, "Digits single": {"type": "Digits", "individual_digits": True},
    "CharDelimiterSplit": {"type": "CharDelimiterSplit", "delimiter": "a"}, "FixedLength": {"type": "FixedLength", "length": 5},
    **{f"Punctuation {b}": {"type": "Punctuation", "behavior": b} for b in
       ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")},
    **{f"Split {b} {i}": split("[aeiou ]|\\d+", b, i) for i in (False, True) for b in
       ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")},
    "Split string": split("er", "Isolated", kind="String"),
    "Llama 3": split(LLAMA3, "Isolated"), "Qwen 2": split(QWEN2, "Isolated"), "o200k": split(O200K, "Removed", True),
    "Regex classes": split(r"[[:alpha:]&&[^aeiou]]+|[\x{300}-\x{36f}]|\p{^L}\P{N}", "Isolated"),
    "Regex possessive": split(r"[a-z]++|\s*+\S??", "Isolated"),
    "Regex look": split(r"(?<=\s)\w{2,4}(?=\w)|(?<!e)r\b|^.", "Isolated"),
    "Regex groups": split(r"(?>e|er|ere)\w|(?:th|h)+?e|(?<name>x)|$", "Isolated"),
    "Regex lazy": split(r"\w{1,3}?e|\B.{2}", "MergedWithNext"),
    "DeepSeek digits": sequence("pretokenizers", split(r"\p{N}{1,3}", "Isolated"), split(r"[一-龥぀-ゟ゠-ヿ]+", "Isolated"), BYTE_LEVEL),
}
METASPACES = {
    "Metaspace": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True},
    "Metaspace always": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
    "Metaspace first": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True},
    "Metaspace never": {"type": "Metaspace", "replacement": "_", "add_prefix_space": False, "prepend_scheme": "never"},
    "Metaspace whole": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False},
    "T5": sequence("pretokenizers", {"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}),
}
ADDED_TEXTS = ["a[X]b [X] c", " [X]  [X] ", "[x] [X]", "foo foobar barfoo foo. foo", "été ETE e\u0301te", "<s><s> <s>", "aXbXXc XX X", "x\u3000[L] \n y", "[LL]"]
ADDED = {
    "plain": [added("[X]"), added("XX", special=False)],
    "strips": [added("[X]", lstrip=True, rstrip=True), added("[L]", lstrip=True), added("<s>", rstrip=True)],
    "single word": [added("foo", single_word=True), added("X", single_word=True, special=False)],
    "normalized": [added("[X]", normalized=True), added("ÉTÉ", normalized=True, special=False)],
    "longest": [added("X"), added("XX"), added("<s"), added("<s>"), added("[L")],
    "changed": [added("[X]"), added("XX"), added("[X]", lstrip=True, special=False)],
}

def component(name, model, texts, **parts):
    tokens = [dict(token, id=number) for number, token in enumerate(parts.pop("added_tokens", []))]
    file = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens, "normalizer": None,
            "pre_tokenizer": None, "post_processor": None, "decoder": None, **parts}
    tokenizer = Tokenizer.from_str(json.dumps({**file, "model": MODELS[model]}))
    return {"name": name, "model": model, "texts": texts if texts is not COMPONENT_TEXTS else None,
            "tokenizer": file, "results": of_tokenizer(tokenizer, texts, decodes=False)}

def template(*single, **ids):
    parts = [{"Sequence": {"id": "A", "type_id": 0}} if p == "$" else {"SpecialToken": {"id": p, "type_id": 0}} for p in single]
    return {"type": "TemplateProcessing", "single": parts, "pair": parts + [{"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {k: {"id": k, "ids": v, "tokens": [k] * len(v)} for k, v in ids.items()}}

def components():
    cases = []
    for name, part in NORMALIZERS.items():
        cases.append(component(f"normalizer {name}", "bytes", COMPONENT_TEXTS, normalizer=part))
    for name, part in WORD_PRE_TOKENIZERS.items():
        cases.append(component(f"pre-tokenizer {name}", "word", COMPONENT_TEXTS, pre_tokenizer=part))
    for name, part in METASPACES.items():
        cases.append(component(f"pre-tokenizer {name}", "bytes", COMPONENT_TEXTS[:10] + COMPONENT_TEXTS[18:20], pre_tokenizer=part))
        cases.append(component(f"pieces of {name}", "word", COMPONENT_TEXTS, pre_tokenizer=part))
        cases.append(component(f"after tokens {name}", "word", ADDED_TEXTS, pre_tokenizer=part, added_tokens=ADDED["plain"]))
    for name, tokens in ADDED.items():
        for normalizer, part in (("none", None), ("lower", {"type": "Lowercase"}), ("bert", BERT)):
            cases.append(component(f"added {name}, {normalizer}", "word", ADDED_TEXTS, added_tokens=tokens, normalizer=part,
                                   pre_tokenizer={"type": "WhitespaceSplit"}))
    roberta = {"type": "RobertaProcessing", "sep": ["the", 1], "cls": ["<unk>", 0], "trim_offsets": True, "add_prefix_space": True}
    byte_texts = COMPONENT_TEXTS[:8] + COMPONENT_TEXTS[12:14] + ADDED_TEXTS
    for name, processor in {
        "ByteLevel": BYTE_LEVEL, "ByteLevel untrimmed": dict(BYTE_LEVEL, trim_offsets=False),
        "ByteLevel prefix": dict(BYTE_LEVEL, add_prefix_space=True), "Roberta": roberta,
        "Roberta plain": dict(roberta, trim_offsets=False), "Roberta no prefix": dict(roberta, add_prefix_space=False),
        "Bert": {"type": "BertProcessing", "sep": ["the", 1], "cls": ["<unk>", 0]},
        "Template": template("the", "$", "two", the=[1], two=[0, 1]), "Template bare": template("$"),
        "Sequence": sequence("processors", BYTE_LEVEL, template("the", "$", the=[1])),
    }.items():
        for prefix in (False, True):
            cases.append(component(f"processor {name} {prefix}", "printable", byte_texts, added_tokens=ADDED["strips"],
                                   pre_tokenizer=dict(BYTE_LEVEL, add_prefix_space=prefix), post_processor=processor))
    return {"models": MODELS, "texts": COMPONENT_TEXTS, "cases": cases, "decoders": decoding()}


# Decoders, on tokens in orders that no encoder produces

DECODERS = {
    "none": None, "ByteLevel": dict(BYTE_LEVEL), "WordPiece": {"type": "WordPiece", "prefix": "##", "cleanup": False},
    "WordPiece cleanup": {"type": "WordPiece", "prefix": "##", "cleanup": True},
    "Metaspace": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
    "Metaspace never": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": True},
    "BPEDecoder": {"type": "BPEDecoder", "suffix": "</w>"}, "ByteFallback": {"type": "ByteFallback"}, "Fuse": {"type": "Fuse"},
    "Strip": {"type": "Strip", "content": "▁", "start": 1, "stop": 0}, "Strip end": {"type": "Strip", "content": "a", "start": 0, "stop": 1},
    "Replace": {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
    "Replace pattern": {"type": "Replace", "pattern": {"Regex": "[a-c]+"}, "content": "*"},
    "CTC": {"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": True},
    "Llama": sequence("decoders", {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
                      {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}),
    "fused Replace": sequence("decoders", {"type": "Fuse"}, {"type": "Replace", "pattern": {"String": "ab"}, "content": "_"}),
}

def decoding():
    rng = random.Random(5)
    pieces = ["a", "ab", "b", "▁", "▁a", "▁the", "##ing", "##b", "!", ".", "'s", "n't", "do", "not", "word</w>", "x</w>", "</w>", "<pad>", "|",
              "Ġthe", "Ġ", "Ċ", "ð", "Ł", "ĺ", "Ģ", "Ã", "©", "é", "中", "</s>", "aXa"] + [f"<0x{b:02X}>" for b in (0x41, 0xE4, 0xB8, 0xAD, 0xF0, 0x9F, 0x80, 0xC3, 0xA9)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    lists = [[]] + [[rng.randrange(len(pieces)) for _ in range(rng.randrange(1, 12))] for _ in range(40)]
    lists += [[vocabulary[p] for p in case] for case in (["<0xE4>", "<0xB8>", "<0xAD>"], ["<0xE4>", "<0xB8>", "a"], ["ð", "Ł", "ĺ", "Ģ"],
                                                          ["ð", "Ł", "a"], ["▁the", "▁", "▁a"], ["</s>", "▁a"], ["a", "a", "<pad>", "a"])]
    cases = []
    for name, decoder in DECODERS.items():
        file = {"version": "1.0", "truncation": None, "padding": None, "normalizer": None, "pre_tokenizer": None, "post_processor": None,
                "added_tokens": [dict(added("</s>"), id=vocabulary["</s>"])], "decoder": decoder,
                "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "a"}}
        tokenizer = Tokenizer.from_str(json.dumps(file))
        cases.append({"name": name, "decoder": decoder, "decoded": [tokenizer.decode(ids, skip_special_tokens=False) for ids in lists],
                      "decoded_plain": [tokenizer.decode(ids, skip_special_tokens=True) for ids in lists]})
    return {"tokenizer": {k: v for k, v in file.items() if k != "decoder"}, "lists": lists, "cases": cases}


# Trained models

def trained(model, trainer, normalizer=None, pre_tokenizer=None, post_processor=None, decoder=None, change=None):
    tokenizer = Tokenizer(model)
    if normalizer: tokenizer.normalizer = normalizer
    if pre_tokenizer: tokenizer.pre_tokenizer = pre_tokenizer
    if decoder: tokenizer.decoder = decoder
    tokenizer.train_from_iterator(CORPUS, trainer)
    if post_processor: tokenizer.post_processor = post_processor
    file = json.loads(tokenizer.to_str())
    if change: change(file)
    return file

def merges_as_strings(file):
    file["model"]["merges"] = [" ".join(pair) for pair in file["model"]["merges"]]

def byte_fallback(file):
    vocabulary = file["model"]["vocab"]
    for byte in range(256):
        vocabulary[f"<0x{byte:02X}>"] = len(vocabulary)
    file["model"].update(byte_fallback=True, fuse_unk=True, unk_token="<unk>")

def without(key):
    return lambda file: file["model"].pop(key)

def unigram_fallback(file):
    model = file["model"]
    model["vocab"] += [[f"<0x{byte:02X}>", 0.0] for byte in range(256)]
    model["byte_fallback"] = True

def both(*changes):
    return lambda file: [change(file) for change in changes]

# The trainers of the kinds below break ties at random, so this script makes their vocabularies.

def word_counts(tokenizer):
    """The number of occurrences of each piece of the ASCII lines, after the tokenizer's normalizer and pre-tokenizer."""
    counts = collections.Counter()
    for line in LATIN:
        text = tokenizer.normalizer.normalize_str(line) if tokenizer.normalizer else line
        counts.update(piece for piece, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text))
    return counts

def merge_rules(counts, count, prefix="", suffix=""):
    """The merge rules of byte-pair encoding, with ties in alphabetical order, and the vocabulary that they need."""
    words = {word: [(prefix if i else "") + c + (suffix if i == len(word) - 1 else "") for i, c in enumerate(word)] for word in counts}
    vocabulary = sorted({symbol for symbols in words.values() for symbol in symbols})
    rules = []
    for _ in range(count):
        pairs = collections.Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]): pairs[pair] += counts[word]
        (left, right), _ = min(pairs.items(), key=lambda x: (-x[1], x[0]))
        joined = left + right[len(prefix):]
        rules.append((left, right))
        if joined not in vocabulary: vocabulary.append(joined)
        for symbols in words.values():
            i = 0
            while i + 1 < len(symbols):
                if (symbols[i], symbols[i + 1]) == (left, right): symbols[i:i + 2] = [joined]
                i += 1
    return vocabulary, rules

def frequent(counts, count, longest=7):
    """The substrings that save the most characters, each with whether it begins a word."""
    found = collections.Counter()
    for word, n in counts.items():
        for i in range(len(word)):
            for j in range(i + 2, min(len(word), i + longest) + 1): found[i == 0, word[i:j]] += n
    return [x for x, _ in sorted(found.items(), key=lambda x: (-x[1] * (len(x[0][1]) - 1), x[0]))[:count]]

def assembled(tokenizer, model, change=None, post_processor=None):
    if post_processor: tokenizer.post_processor = post_processor
    file = json.loads(tokenizer.to_str())
    special = [{"id": i, **added(t)} for i, t in enumerate(model.pop("special"))]
    file.update(model={**file["model"], **model}, added_tokens=special)
    if change: change(file)
    return file

def bare(model, normalizer=None, pre_tokenizer=None, decoder=None):
    tokenizer = Tokenizer(model)
    if normalizer: tokenizer.normalizer = normalizer
    if pre_tokenizer: tokenizer.pre_tokenizer = pre_tokenizer
    if decoder: tokenizer.decoder = decoder
    return tokenizer

def character_bpe(options, *parts, change=None):
    tokenizer = bare(models.BPE(**options), *parts)
    special = ["<unk>", "<s>", "</s>"]
    if tokenizer.pre_tokenizer:
        counts = word_counts(tokenizer)
    else:
        counts = collections.Counter(tokenizer.normalizer.normalize_str(line) for line in LATIN)
    pieces, rules = merge_rules(counts, 150, options.get("continuing_subword_prefix") or "", options.get("end_of_word_suffix") or "")
    vocabulary = {piece: i for i, piece in enumerate(special + [p for p in pieces if p not in special])}
    return assembled(tokenizer, {"vocab": vocabulary, "merges": [list(r) for r in rules], "special": special}, change)

def word_piece(options, *parts, change=None, post_processor=None):
    tokenizer = bare(models.WordPiece(vocab={"[UNK]": 0}, unk_token="[UNK]", **options), *parts)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    counts = word_counts(tokenizer)
    letters = sorted({c for word in counts for c in word})
    pieces = special + letters + ["##" + c for c in letters if c.isalnum()]
    pieces += [text if first else "##" + text for first, text in frequent(counts, 160)]
    return assembled(tokenizer, {"vocab": {p: i for i, p in enumerate(dict.fromkeys(pieces))}, "special": special}, change, post_processor)

def unigram(*parts, change=None, post_processor=None):
    tokenizer = bare(models.Unigram(), *parts)
    special = ["<pad>", "</s>", "<unk>"]
    counts = word_counts(tokenizer)
    letters = collections.Counter()
    for word, n in counts.items():
        for c in word: letters[c] += n
    substrings = collections.Counter({text: sum(n * word.count(text) for word, n in counts.items()) for _, text in frequent(counts, 220)})
    total = sum(letters.values())
    scored = [[text, round(math.log(n / total), 6)] for text, n in sorted((letters + substrings).items(), key=lambda x: (-x[1], x[0]))]
    return assembled(tokenizer, {"vocab": [[t, 0.0] for t in special] + scored, "unk_id": 2, "special": special}, change, post_processor)

def trained_models():
    quiet = dict(show_progress=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe = lambda size=420, **k: trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, special_tokens=["<|endoftext|>"], **quiet, **k)
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    split_bytes = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA3), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    words, bert_words = pre_tokenizers.Whitespace(), pre_tokenizers.BertPreTokenizer()
    metaspace = pre_tokenizers.Metaspace(prepend_scheme="always")
    bert_post = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    end = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    llama = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    unknown = dict(unk_token="<unk>")
    return {
        "byte-level BPE": trained(models.BPE(), bpe(), pre_tokenizer=byte_level, decoder=decoders.ByteLevel(), post_processor=processors.ByteLevel(trim_offsets=False)),
        "byte-level BPE, merges as strings, no type": trained(models.BPE(), bpe(), pre_tokenizer=byte_level, decoder=decoders.ByteLevel(),
                                                              post_processor=processors.ByteLevel(trim_offsets=True), change=both(merges_as_strings, without("type"))),
        "byte-level BPE, split by pattern": trained(models.BPE(ignore_merges=True), bpe(500), pre_tokenizer=split_bytes, decoder=decoders.ByteLevel(),
                                                    post_processor=processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", 0)])])),
        "byte-level normalizer": trained(models.BPE(), bpe(), normalizer=normalizers.Sequence([normalizers.NFC(), normalizers.ByteLevel()]), decoder=decoders.ByteLevel()),
        "character BPE": character_bpe(unknown, None, words),
        "character BPE, fused unknown": character_bpe(dict(unknown, fuse_unk=True), None, pre_tokenizers.WhitespaceSplit()),
        "character BPE, nothing for unknown": character_bpe({}, None, words),
        "character BPE, suffix": character_bpe(dict(unknown, end_of_word_suffix="</w>"), normalizers.Lowercase(), bert_words, decoders.BPEDecoder()),
        "character BPE, prefix": character_bpe(dict(unknown, continuing_subword_prefix="##"), None, words, decoders.WordPiece(cleanup=False)),
        "Llama-like BPE, byte fallback": character_bpe(unknown, llama, None, decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]), change=byte_fallback),
        "WordPiece": word_piece({}, normalizers.BertNormalizer(), bert_words, decoders.WordPiece(), post_processor=bert_post),
        "WordPiece, cased, no type": word_piece(dict(max_input_chars_per_word=12), normalizers.BertNormalizer(lowercase=False), bert_words, decoders.WordPiece(),
                                                change=without("type"), post_processor=processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))),
        "Unigram": unigram(normalizers.NFKC(), metaspace, decoders.Metaspace(), post_processor=end),
        "Unigram, byte fallback, no type": unigram(None, metaspace, decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()]), change=both(unigram_fallback, without("type"))),
        "WordLevel": trained(models.WordLevel(unk_token="<unk>"), trainers.WordLevelTrainer(vocab_size=120, special_tokens=["<unk>"], **quiet), pre_tokenizer=words),
    }

def all_models():
    texts = HARD + LONG[:2]
    cases = []
    for name, file in trained_models().items():
        tokenizer = Tokenizer.from_str(json.dumps(file))
        cases.append({"name": name, "tokenizer": file, "results": of_tokenizer(tokenizer, texts)})
    return {"texts": texts, "cases": cases}


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    write("components.json", components())
    write("models.json", all_models())
