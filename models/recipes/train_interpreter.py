"""Trains `interpreter`: a T5 that translates between English and French behind T5's own task prefixes.

    python train_interpreter.py --corpora CORPORA --out models/interpreter

Tatoeba's sentence pairs; 2,000 of which neither side is trained on are held out before anything is trained (pairs.py).

    python train_interpreter.py --corpora CORPORA --out models/interpreter --start models/interpreter --peak 0.003 --steps 1500

goes on from weights that a run made, without dropout, and with more of what they lack: short sentences, whose meaning is not the sum of
their words' ("How are you?"), thrice a pass; of the easier way, into English, one half a pass.
"""
import os, random

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

import common
import pairs as split
from pairs import EN_FR, FR_EN

SHORT = 20  # characters of an English sentence
p = common.arguments(__doc__.splitlines()[0], steps=16000, batch=5000)
p.add_argument("--start", help="go on from the weights and the tokenizer in this folder")
a = p.parse_args()
common.begin(a)
pairs, held = split.split(a.corpora)
pairs = pairs[:int(len(pairs) * a.share)]

path = os.path.join(a.out, "tokenizer.json")
if a.start:
    tokenizer = Tokenizer.from_file(os.path.join(a.start, "tokenizer.json"))
    tokenizer.save(path)
elif not os.path.exists(path):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    trainer = trainers.UnigramTrainer(vocab_size=6000, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>")
    tokenizer.train_from_iterator((s for e, f in pairs for s in (EN_FR + e, f)), trainer=trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    tokenizer.save(path)
tokenizer = Tokenizer.from_file(path)
PreTrainedTokenizerFast(tokenizer_file=path, pad_token="<pad>", eos_token="</s>", unk_token="<unk>").save_pretrained(a.out)
place = common.device()
vocabulary = tokenizer.get_vocab_size()
model = T5ForConditionalGeneration.from_pretrained(a.start, dtype=torch.float32, dropout_rate=0.0) if a.start else \
    T5ForConditionalGeneration(T5Config(
        vocab_size=vocabulary, d_model=256, d_kv=32, d_ff=1024, num_layers=4, num_decoder_layers=3, num_heads=8, dropout_rate=0.1,
        feed_forward_proj="relu", decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, tie_word_embeddings=True))
model.to(place)


def ids(texts):
    return [e.ids for e in tokenizer.encode_batch(texts)]


def examples(source, target, prefix):
    return list(zip(ids([prefix + x for x in source]), ids(target)))


def into_french(pairs):
    return examples([e for e, _ in pairs], [f for _, f in pairs], EN_FR)


def into_english(pairs):
    return examples([f for _, f in pairs], [e for e, _ in pairs], FR_EN)


def of_a_pass(generator):
    if not a.start:
        return french + english
    return french + generator.sample(english, len(english) // 2) + 2 * short


def batches(data, generator=random):
    """Examples of like length together, about `--batch` tokens each, in random order."""
    groups, current, widest = [], [], 0
    for x in sorted(data, key=lambda x: (len(x[1]) + generator.random() * 3, len(x[0]))):
        width = max(widest, len(x[0]) + len(x[1]))
        if current and width * (len(current) + 1) > a.batch:
            groups.append(current)
            current, width = [], len(x[0]) + len(x[1])
        current.append(x)
        widest = width
    groups.append(current)
    generator.shuffle(groups)
    return groups


def padded(rows, value):
    width = max(map(len, rows))
    return torch.tensor([r + [value] * (width - len(r)) for r in rows], device=place)


def loss_of(group):
    source, labels = padded([x[0] for x in group], 0), padded([x[1] for x in group], -100)
    with common.autocast():
        logits = model(input_ids=source, attention_mask=(source != 0).long(), labels=labels).logits
    return torch.nn.functional.cross_entropy(logits.float().view(-1, vocabulary), labels.view(-1), ignore_index=-100, label_smoothing=0.1)


# T5's embeddings start at standard deviation 1: an optimiser whose steps do not scale with the weights moves them far too
# slowly, so Adafactor, which scales each step by its tensor's size.
optimizer = torch.optim.Adafactor(model.parameters(), lr=1e-2, d=1.0)
french, english, check = into_french(pairs), into_english(pairs), into_french(held) + into_english(held)
idioms = [p for p in pairs if len(p[0]) <= SHORT]
short = into_french(idioms) + into_english(idioms)
run = common.Run(a, model, optimizer, peak=a.peak or 0.02, warm=50 if a.start else 300, down=0.8 if a.start else 0.5)
model.train()
for group in run.passes(lambda generator: batches(of_a_pass(generator), generator)):
    if run.step >= run.steps:
        break
    run.update(loss_of(group))
model.eval()
with torch.no_grad():
    groups = batches(check)
    held_loss = sum(loss_of(g).item() for g in groups) / len(groups)
print("held-out loss (label smoothing 0.1)", held_loss)
model.config.dropout_rate = 0.1
model.config.task_specific_params = {
    "translation_en_to_fr": dict(early_stopping=True, max_length=300, num_beams=4, prefix=EN_FR),
    "translation_fr_to_en": dict(early_stopping=True, max_length=300, num_beams=4, prefix=FR_EN)}
model.to(torch.bfloat16).save_pretrained(a.out)
common.save_log(run, held_out_loss=held_loss)
