"""Computes a model's figures on what nobody trained on, with transformers and, side by side, out of the program.

    python evaluate.py --corpora CORPORA models/storyteller --triptych ../.build/release/triptych

GPT-2: bits per byte of the held-out book. BERT: masked tokens and capitals right at the first candidate. T5: BLEU both ways.
`--limit` takes only so many rows or pairs (the program starts once a row in masked models).
"""
import argparse, json, math, subprocess, tempfile

import torch
from transformers import AutoConfig, AutoTokenizer, BertForMaskedLM, GPT2LMHeadModel, T5ForConditionalGeneration

import books, capitals, pairs, passages

p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
p.add_argument("--corpora", required=True)
p.add_argument("--triptych", help="the program, to compute the same figures with it")
p.add_argument("--limit", type=int, default=2000)
p.add_argument("folder")
a = p.parse_args()
tokenizer = AutoTokenizer.from_pretrained(a.folder)


def program(command, text, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as f:
        f.write(text + "\n")  # the program drops one final newline
        f.flush()
        done = subprocess.run([a.triptych, command, "-m", a.folder, "-f", f.name, "--json", "-q", *options], check=True, capture_output=True)
    return json.loads(done.stdout)


def show(name, reference, own=None):
    print(f"{name:36} transformers {reference:.4f}" + ("" if own is None else f"   triptych {own:.4f}"), flush=True)


def causal():
    model = GPT2LMHeadModel.from_pretrained(a.folder, dtype=torch.float32).eval()
    _, held = books.split(a.corpora)
    row, context, total, seen = torch.tensor(tokenizer(held)["input_ids"]), model.config.n_positions, 0.0, 0
    for start in range(0, len(row), context // 2):
        window = row[start:start + context]
        logprobs = model(window[None]).logits[0, :-1].log_softmax(-1).gather(1, window[1:, None])[:, 0]
        total += logprobs[max(0, seen - start - 1):].double().sum().item()
        seen = start + len(window)
        if seen == len(row):
            break
    size = len(held.encode()) - len(tokenizer.decode(row[:1].tolist()).encode())
    own = program("score", held)["bits_per_byte"] if a.triptych else None
    show("bits per byte, " + books.HELD_OUT, -total / size / math.log(2), own)


def masked():
    model = BertForMaskedLM.from_pretrained(a.folder, dtype=torch.float32).eval()
    _, held = passages.split(a.corpora)
    generator, right, own, count = torch.Generator().manual_seed(1), 0, 0, 0
    for text in held[:a.limit]:
        ids = torch.tensor(tokenizer(text, truncation=True, max_length=128)["input_ids"])
        chosen = (torch.rand(len(ids), generator=generator) < 0.15) & (ids >= 5)
        if not chosen.any():
            continue
        inputs = ids.masked_fill(chosen, tokenizer.mask_token_id)
        right += (model(inputs[None]).logits[0].argmax(-1) == ids)[chosen].sum().item()
        count += int(chosen.sum())
        if a.triptych:
            masks = program("fill-mask", " ".join(map(str, inputs.tolist())), "--ids", "--top-k", "1", "--no-joint")["masks"]
            own += sum(m["candidates"][0]["id"] == ids[m["position"]].item() for m in masks)
    show(f"masked tokens right, of {count}", right / count, own / count if a.triptych else None)
    right, own = [], 0
    for country, city in capitals.asked(a.corpora):
        text = capitals.ASKED.format(city=city, country="[MASK]")
        ids = torch.tensor(tokenizer(text)["input_ids"])
        best = model(ids[None]).logits[0, ids == tokenizer.mask_token_id].argmax(-1)
        if tokenizer.decode(best).strip() == country.lower():
            right.append(country)
        if a.triptych:
            own += program("fill-mask", text)["masks"][0]["candidates"][0]["text"].lower() == country.lower()
    show("capitals right, of 40", len(right), own if a.triptych else None)
    print("  " + ", ".join(right))


def seq2seq():
    import sacrebleu
    model = T5ForConditionalGeneration.from_pretrained(a.folder, dtype=torch.float32).eval()
    _, held = pairs.split(a.corpora)
    held = held[:a.limit]
    three = ["How are you?", "I don't know where my keys are.", "We went to the station yesterday."]
    back = ["Comment vas-tu ?", "Je ne sais pas où sont mes clés.", "Nous sommes allés à la gare hier."]
    ways = [("en", "fr", pairs.EN_FR, [e for e, _ in held], [f for _, f in held], three),
            ("fr", "en", pairs.FR_EN, [f for _, f in held], [e for e, _ in held], back)]
    for source, target, prefix, texts, wanted, few in ways:
        found = {}
        everything = sorted(set(texts + few), key=len)
        for i in range(0, len(everything), 50):
            some = everything[i:i + 50]
            batch = tokenizer([prefix + s for s in some], return_tensors="pt", padding=True)
            out = model.generate(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], num_beams=4, max_new_tokens=256)
            found.update(zip(some, tokenizer.batch_decode(out, skip_special_tokens=True)))
        own = None
        if a.triptych:
            done = program("translate", "\n".join(texts), "--from", source, "--to", target, "--num-beams", "4")["translations"]
            own = sacrebleu.corpus_bleu([x["text"] for x in done], [wanted]).score
        show(f"BLEU {source} to {target}, {len(texts)} pairs", sacrebleu.corpus_bleu([found[x] for x in texts], [wanted]).score, own)
        for text in few + texts[:5]:
            print("  ", text, "->", found[text])


with torch.no_grad():
    kind = AutoConfig.from_pretrained(a.folder).model_type
    {"gpt2": causal, "bert": masked, "t5": seq2seq}[kind]()
