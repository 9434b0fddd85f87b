"""Words under a masked model, and strings that a causal model is followed for: comparisons/words.json.

Run after make_comparison_fixtures.py.
"""

import json
import math

import torch
from transformers import BertForMaskedLM, GPT2LMHeadModel, PreTrainedTokenizerFast

from make_comparison_fixtures import OUT, PROGRAM

MASKED = ["the king had a boat by Tom", "Hello, my name is Tom."]
WATCHED = [("Once upon a time there", "king"), ("Hello, my name is", "Tom"), ("the sea", ".")]
LISTED = 5


def masked_words(model, tokenizer, text):
    coded = tokenizer(text, return_offsets_mapping=True)
    ids, mask = coded.input_ids, tokenizer.convert_tokens_to_ids("[MASK]")
    log = {}
    for place, (start, end) in enumerate(coded.offset_mapping):
        if end > start:
            log[place] = float(row(model, ids[:place] + [mask] + ids[place + 1:], place)[ids[place]])
    words, start = [], 0
    for word in text.split(" "):
        end = start + len(word)
        places = [p for p, (a, b) in enumerate(coded.offset_mapping) if b > a and a < end and b > start]
        words.append({"text": word, "logprob": sum(log[p] for p in places), "places": places})
        start = end + 1
    values = [word["logprob"] for word in words]
    mean = sum(values) / len(values)
    bound = min(mean - math.sqrt(sum((v - mean) ** 2 for v in values) / len(values)), -math.log(2))
    for word in words:
        places = word.pop("places")
        word["least"], word["likelier"] = word["logprob"] < bound, []
        if word["least"]:
            other = ids[:places[0]] + [mask] + ids[places[-1] + 1:]
            best = row(model, other, places[0]).topk(LISTED)
            word["likelier"] = [
                {"id": int(id), "logprob": float(value)} for value, id in zip(best.values, best.indices)
                if float(value) > word["logprob"]]
    return {"text": text, "words": words}


def row(model, ids, place):
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0, place].log_softmax(-1)


def pieces(tokenizer):
    """The text of each token as bytes; nothing for special ones and for parts of characters."""
    special, out = set(tokenizer.all_special_ids), []
    for id in range(len(tokenizer)):
        text = tokenizer.decode([id], clean_up_tokenization_spaces=False)
        out.append(b"" if id in special or "\ufffd" in text else text.encode())
    return out


def goes_on(model, texts, ids, rest, weight=1.0):
    if weight < 1e-12:
        return 0.0
    probabilities = row(model, ids, len(ids) - 1).exp()
    total = 0.0
    for id, text in enumerate(texts):
        if text and text.startswith(rest):
            total += float(probabilities[id])
        elif text and rest.startswith(text):
            p = float(probabilities[id])
            total += p * goes_on(model, texts, ids + [id], rest[len(text):], weight * p)
    return total


def watched(model, tokenizer, text, string):
    texts, ids = pieces(tokenizer), tokenizer(text).input_ids
    forms = [string.encode()] + ([b" " + string.encode()] if string[0].isalnum() else [])
    logprobs = [None] + [
        math.log(sum(goes_on(model, texts, ids[:place], form) for form in forms)) for place in range(1, len(ids) + 1)]
    return {"text": text, "watch": string, "logprobs": logprobs[:-1], "next": logprobs[-1]}


def main():
    fast = {name: PreTrainedTokenizerFast.from_pretrained(PROGRAM / name) for name in ("masked", "causal")}
    masked = BertForMaskedLM.from_pretrained(PROGRAM / "masked").double().eval()
    causal = GPT2LMHeadModel.from_pretrained(PROGRAM / "causal").double().eval()
    found = {
        "masked": [masked_words(masked, fast["masked"], text) for text in MASKED],
        "watched": [watched(causal, fast["causal"], *pair) for pair in WATCHED],
    }
    (OUT / "words.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
