"""Divergences of two masked models at the masks of texts, in double precision: comparisons/masks.json.

Run after make_comparison_fixtures.py, whose models it reads.
"""

import json

import torch
from transformers import BertForMaskedLM, PreTrainedTokenizerFast

from make_comparison_fixtures import OUT, PROGRAM

TEXTS = ["Hello, my name is [MASK].", "the [MASK] had a [MASK]"]


def bits(nats):
    return float(nats) / float(torch.log(torch.tensor(2.0, dtype=torch.float64)))


def kl(p, q):
    return bits((p.exp() * (p - q)).sum())


def divergence(p, q):
    middle = ((p.exp() + q.exp()) / 2).log()
    best = [set(row.topk(10).indices.tolist()) for row in (p, q)]
    return {
        "kl_ab": kl(p, q), "kl_ba": kl(q, p), "js": (kl(p, middle) + kl(q, middle)) / 2,
        "total_variation": float((p.exp() - q.exp()).abs().sum()) / 2,
        "top_agrees": bool(p.argmax() == q.argmax()), "top10_overlap": len(best[0] & best[1]),
    }


def main():
    tokenizer = PreTrainedTokenizerFast.from_pretrained(PROGRAM / "masked")
    models = [BertForMaskedLM.from_pretrained(folder / "masked").double().eval() for folder in (PROGRAM, OUT)]
    found = []
    for text in TEXTS:
        ids = tokenizer(text).input_ids
        with torch.no_grad():
            rows = [model(torch.tensor([ids])).logits[0].log_softmax(-1) for model in models]
        places = [place for place, id in enumerate(ids) if id == tokenizer.convert_tokens_to_ids("[MASK]")]
        found.append({
            "text": text, "masks": [{"position": p} | divergence(rows[0][p], rows[1][p]) for p in places]})
    (OUT / "masks.json").write_text(json.dumps({"texts": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
