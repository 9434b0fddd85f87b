#!/usr/bin/env python3
"""Reference data for the tests of tokenizer folders, made by `transformers` 5.24 and `sentencepiece`.

    python make_tokenizer_folder_fixtures.py [OUTPUT]

writes folders.json into OUTPUT (default: the folder `tokenizers` beside this script): complete model folders, opened by
`AutoTokenizer`, or by the pipeline of their tokenizer.json where that decides. Offsets are as in
`make_tokenizer_fixtures.py`.
"""
import base64, io, json, os, tempfile

import sentencepiece
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from make_tokenizer_fixtures import *

def spiece():
    """A unigram SentencePiece model with a small character map."""
    rules = [("FB01", "66 69"), ("FF21", "41"), ("65 301", "E9"), ("9", "20"), ("A0", "20"), ("7", ""), ("200B", "20"), ("2460", "31"), ("33A5", "6D 33"),
             ("1103 1173 11BC", "B4F1"), ("2126", "3A9"), ("300", "")]
    buffer = io.BytesIO()
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # the model keeps the name of the file with the rules
        with open("rules.tsv", "w") as file: file.write("".join(f"{a}\t{b}\n" for a, b in rules))
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(CORPUS), model_writer=buffer, vocab_size=330, model_type="unigram", normalization_rule_tsv="rules.tsv",
            pad_id=0, eos_id=1, unk_id=2, bos_id=-1, character_coverage=0.98, hard_vocab_limit=False, minloglevel=2, user_defined_symbols=["<sep>"])
        os.chdir(here)
    return buffer.getvalue()

def pair_model(**options):
    """A SentencePiece model with byte-pair encoding."""
    buffer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=buffer, vocab_size=options.pop("vocab_size", 480), model_type="bpe", character_coverage=0.98,
        minloglevel=2, user_defined_symbols=["<sep>", "▁▁"], **options)
    return buffer.getvalue()

def folders():
    bpe, piece, unigram = (trained_models()[n] for n in ("byte-level BPE", "WordPiece", "Unigram"))
    vocabulary = lambda **more: json.dumps({**bpe["model"]["vocab"], **more}, ensure_ascii=False)
    merges = "#version: 0.2\n" + "\n".join(" ".join(pair) for pair in bpe["model"]["merges"]) + "\n"
    size = len(bpe["model"]["vocab"])
    lines = "".join(p + "\n" for p, _ in sorted(piece["model"]["vocab"].items(), key=lambda x: x[1]))
    config = lambda kind: json.dumps({"model_type": kind})
    cfg = json.dumps
    token = lambda content, **flags: {"content": content, "lstrip": False, "rstrip": False, "normalized": False, "single_word": False, **flags}
    model = spiece()
    t5_file = json.loads(json.dumps(unigram)); t5_file["normalizer"] = None
    pairs = pair_model(byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, allow_whitespace_only_pieces=True)
    plain_pairs = pair_model(vocab_size=230, normalization_rule_name="identity")
    llama_file = trained_models()["Llama-like BPE, byte fallback"]
    framed = json.loads(json.dumps(bpe))
    framed["post_processor"] = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [0], "tokens": ["<|endoftext|>"]}}}
    return {
        "gpt_neox: tokenizer.json": {"config.json": config("gpt_neox"), "tokenizer.json": cfg(framed)},
        "gpt_neox: tokenizer.json, prefix": {"config.json": config("gpt_neox"), "tokenizer.json": cfg(bpe),
            "tokenizer_config.json": cfg({"tokenizer_class": "GPTNeoXTokenizer", "add_prefix_space": True, "add_bos_token": True})},
        "qwen2: tokenizer.json": {"config.json": config("qwen2"), "tokenizer.json": cfg(framed), "tokenizer_config.json": cfg({"tokenizer_class": "PreTrainedTokenizerFast"})},
        "qwen2: vocab and merges": {"config.json": config("qwen3"), "vocab.json": vocabulary(), "merges.txt": merges, "tokenizer_config.json": cfg({"tokenizer_class": "Qwen2Tokenizer"})},
        "albert: tokenizer.json": {"config.json": config("albert"), "tokenizer.json": cfg(unigram), "tokenizer_config.json": cfg({"keep_accents": True, "cls_token": "<pad>", "sep_token": "</s>"})},
        "albert: spiece.model": {"config.json": config("albert"), "spiece.model": model, "tokenizer_config.json": cfg({"cls_token": "<pad>", "sep_token": "</s>"})},
        "xlm-roberta: tokenizer.json": {"config.json": config("xlm-roberta"), "tokenizer.json": cfg(unigram), "tokenizer_config.json": cfg({"tokenizer_class": "XLMRobertaTokenizer"})},
        "xlm-roberta: sentencepiece.bpe.model": {"config.json": config("xlm-roberta"), "sentencepiece.bpe.model": model},
        "gemma: tokenizer.json": {"config.json": config("gemma2"), "tokenizer.json": cfg(llama_file)},
        "gemma: tokenizer.model": {"config.json": config("gemma"), "tokenizer.model": pairs,
            "tokenizer_config.json": cfg({"tokenizer_class": "GemmaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "add_bos_token": True, "add_eos_token": True})},
        "llama: tokenizer.model": {"config.json": config("llama"), "tokenizer.model": pairs,
            "tokenizer_config.json": cfg({"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "legacy": False})},
        "llama: tokenizer.model, legacy": {"config.json": config("llama"), "tokenizer.model": pairs,
            "tokenizer_config.json": cfg({"tokenizer_class": "LlamaTokenizer", "add_bos_token": False, "add_eos_token": True, "legacy": True})},
        "llama: tokenizer.model, no prefix": {"config.json": config("llama"), "tokenizer.model": pairs,
            "tokenizer_config.json": cfg({"tokenizer_class": "LlamaTokenizer", "add_prefix_space": False})},
        "any: tokenizer.model": {"config.json": config("phi3"), "tokenizer.model": pairs, "tokenizer_config.json": cfg({"tokenizer_class": "LlamaTokenizer", "add_bos_token": True})},
        "any: tokenizer.model, not legacy": {"config.json": config("phi3"), "tokenizer.model": pairs, "tokenizer_config.json": cfg({"legacy": False})},
        "any: tokenizer.model, no bytes": {"config.json": config("phi3"), "tokenizer.model": plain_pairs},
        "any: tokenizer.model, unigram": {"config.json": config("umt5"), "tokenizer.model": model},
        "byt5": {"config.json": config("t5"), "tokenizer_config.json": cfg({"tokenizer_class": "ByT5Tokenizer", "extra_ids": 9})},
        "gpt2: vocab and merges": {"config.json": config("gpt2"), "vocab.json": vocabulary(), "merges.txt": merges},
        "gpt2: vocab and merges, bos and prefix": {"config.json": config("gpt2"), "vocab.json": vocabulary(), "merges.txt": merges,
            "tokenizer_config.json": cfg({"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True, "add_bos_token": True, "pad_token": "<pad>"})},
        "gpt2: tokenizer.json, prefix": {"tokenizer.json": cfg(bpe), "config.json": config("gpt2"),
            "tokenizer_config.json": cfg({"tokenizer_class": "GPT2TokenizerFast", "add_prefix_space": True, "pad_token": "<|endoftext|>"})},
        "roberta: vocab and merges": {"config.json": config("roberta"), "merges.txt": merges,
            "vocab.json": vocabulary(**{t: size + i for i, t in enumerate(["<s>", "</s>", "<unk>", "<pad>", "<mask>"])}),
            "special_tokens_map.json": cfg({"mask_token": token("<mask>", lstrip=True), "bos_token": "<s>"})},
        "roberta: tokenizer.json, prefix": {"tokenizer.json": cfg(bpe), "tokenizer_config.json": cfg({"tokenizer_class": "RobertaTokenizer", "add_prefix_space": True,
            "added_tokens_decoder": {str(size): token("<mask>", lstrip=True, special=True), "0": token("<|endoftext|>", special=True)}})},
        "bert: vocab.txt": {"config.json": config("bert"), "vocab.txt": lines},
        "bert: vocab.txt, cased": {"config.json": config("bert"), "vocab.txt": lines, "tokenizer_config.json": cfg({"do_lower_case": False, "tokenizer_class": "BertTokenizer"})},
        "bert: vocab.txt, accents kept": {"config.json": config("bert"), "vocab.txt": lines, "added_tokens.json": cfg({"keeper": 400, "[MASK]": 4}),
            "tokenizer_config.json": cfg({"strip_accents": False, "tokenize_chinese_chars": False})},
        "bert: tokenizer.json, overridden": {"tokenizer.json": cfg(piece), "tokenizer_config.json": cfg({"tokenizer_class": "BertTokenizerFast", "do_lower_case": False, "mask_token": token("[MASK]", __type="AddedToken", lstrip=True)})},
        "distilbert: tokenizer.json": {"tokenizer.json": cfg(piece), "config.json": config("distilbert"), "tokenizer_config.json": cfg({"tokenizer_class": "DistilBertTokenizer"})},
        "any: tokenizer.json": {"tokenizer.json": cfg(piece), "tokenizer_config.json": cfg({"tokenizer_class": "PreTrainedTokenizerFast", "do_lower_case": False,
            "mask_token": "[MASK]", "extra_special_tokens": ["<extra>", "keeper"], "image_token": "<image>"})},
        "any: tokenizer.json alone": {"tokenizer.json": cfg(bpe)},
        "t5: spiece.model": {"config.json": config("t5"), "spiece.model": model},
        "t5: spiece.model, ten sentinels": {"config.json": config("t5"), "spiece.model": model, "tokenizer_config.json": cfg({"tokenizer_class": "T5Tokenizer", "extra_ids": 10})},
        "t5: tokenizer.json": {"config.json": config("t5"), "tokenizer.json": cfg(t5_file), "tokenizer_config.json": cfg({"tokenizer_class": "T5Tokenizer", "extra_ids": 3, "additional_special_tokens": ["<extra_id_0>", "<extra_id_1>", "<extra_id_2>"]})},
        "t5: tokenizer.json, class of its own": {"config.json": config("t5"), "tokenizer.json": cfg(unigram), "tokenizer_config.json": cfg({"tokenizer_class": "TokenizersBackend", "eos_token": "</s>", "pad_token": "<pad>"})},
        "split special tokens": {"config.json": config("gpt2"), "vocab.json": vocabulary(), "merges.txt": merges, "tokenizer_config.json": cfg({"split_special_tokens": True})},
    }

NAMES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]
FOLDER_TEXTS = HARD[:16:2] + ["The keeper <mask> [MASK] </s> <extra_id_0>x<extra_id_7> <s>", "<|endoftext|>ships<|endoftext|> <sep>keeper keepers <image>", "été E\u0301TE\u0301 灯台 \t x\x07\u0300y"]

def all_folders():
    files, cases = [], []
    for name, contents in folders().items():
        with tempfile.TemporaryDirectory() as folder:
            stored = {}
            for file, content in contents.items():
                data = content if isinstance(content, bytes) else content.encode()
                with open(os.path.join(folder, file), "wb") as out: out.write(data)
                if content not in files: files.append(content)
                stored[file] = files.index(content)
            tokenizer = own = AutoTokenizer.from_pretrained(folder)
            # Of these classes, which build their own pipeline, only the older ones overrule tokenizer.json.
            file = json.loads(contents["tokenizer.json"]) if "tokenizer.json" in contents else None
            if file and type(own).__name__ not in ["BertTokenizer", "GPT2Tokenizer", "T5Tokenizer", "TokenizersBackend"]:
                tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
            known = {t["content"] for t in file["added_tokens"] if t["special"]} if file else set()
            def encode(text):
                # Tokenizers in Python (ByT5) know no offsets.
                if not tokenizer.is_fast: return tokenizer(text)["input_ids"], None
                encoding = tokenizer(text, return_offsets_mapping=True)
                return encoding["input_ids"], encoding["offset_mapping"]
            decode = lambda ids, skip: tokenizer.decode(ids, skip_special_tokens=skip, clean_up_tokenization_spaces=False)
            special = {n: getattr(tokenizer, n + "_id") for n in NAMES if getattr(tokenizer, n) is not None}
            special |= {n: getattr(own, n + "_id") for n in NAMES if n not in special and getattr(own, n) in known}
            cases.append({"name": name, "files": stored, "size": len(tokenizer), "special": special, "results": results(encode, decode, FOLDER_TEXTS)})
    encoded = [{"base64": base64.b64encode(f).decode()} if isinstance(f, bytes) else f for f in files]
    return {"files": encoded, "texts": FOLDER_TEXTS, "cases": cases}


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    write("folders.json", all_folders())
