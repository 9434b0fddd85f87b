"""Trains `storyteller` or `storyteller-mini`: GPT-2 with a byte-level BPE vocabulary of its own.

    python train_storyteller.py --corpora CORPORA --out models/storyteller --size full
    python train_storyteller.py --corpora CORPORA --out models/storyteller-mini --size mini --tokenizer models/storyteller/tokenizer.json

Story books (Standard Ebooks, Project Gutenberg); one whole book is held out before anything is trained (books.py), tokenizer included.
`--size large` (24 million weights) is for a GPU: `--size large --batch 32 --steps 3000 --dropout 0.1` is ten passes over the books.
"""
import os

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

import books, common, muon

VOCABULARY, CONTEXT, SHORT, END = 8192, 512, 128, "<|endoftext|>"
SIZES = dict(large=dict(n_embd=448, n_layer=8, n_head=7), full=dict(n_embd=320, n_layer=6, n_head=5),
             mini=dict(n_embd=96, n_layer=3, n_head=3))
p = common.arguments(__doc__.splitlines()[0], steps=1800, batch=8)
p.add_argument("--size", choices=SIZES, required=True)
p.add_argument("--dropout", type=float, default=0.0, help="0 for up to about three passes over the books, more for longer runs")
p.add_argument("--tokenizer", help="take this tokenizer.json instead of training one")
a = p.parse_args()
common.begin(a)
train, held = books.split(a.corpora)
train = [text[:int(len(text) * a.share)] for text in train]

path = os.path.join(a.out, "tokenizer.json")
if a.tokenizer or os.path.exists(path):
    tokenizer = Tokenizer.from_file(a.tokenizer or path)
else:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=[END], initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator((line for text in train for line in text.split("\n") if line), trainer)
tokenizer.save(path)
end = tokenizer.token_to_id(END)
PreTrainedTokenizerFast(tokenizer_file=path, bos_token=END, eos_token=END, unk_token=END, model_max_length=CONTEXT).save_pretrained(a.out)

ids = []
for text in train:
    for part in books.stories(text):
        ids += tokenizer.encode(part).ids + [end]
data = torch.tensor(ids, dtype=torch.long)
place = common.device()
model = GPT2LMHeadModel(GPT2Config(vocab_size=tokenizer.get_vocab_size(), n_positions=CONTEXT, bos_token_id=end, eos_token_id=end,
                                   resid_pdrop=a.dropout, embd_pdrop=a.dropout, attn_pdrop=0.0, **SIZES[a.size])).to(place)
for block in model.transformer.h:  # the same function in one operation
    block.mlp.act = torch.nn.GELU(approximate="tanh")
print("tokens", len(data), "parameters", model.num_parameters(), "on", place, flush=True)
peak = a.peak or (6e-3 if a.size == "mini" else 4e-3)
run = common.Run(a, model, muon.muon(model, peak, stacked=("c_attn.weight",)), peak)


def loss_of(rows):
    with common.autocast():
        logits = model(rows).logits
    return torch.nn.functional.cross_entropy(logits[:, :-1].float().flatten(0, 1), rows[:, 1:].flatten())


def held_out():
    """Bits per byte of the held-out book: a window that slides by half of itself, each token once, with the most context."""
    row, total = torch.tensor(tokenizer.encode(held).ids, device=place), 0.0
    model.eval()
    with torch.no_grad():
        seen = 0
        for start in range(0, len(row), CONTEXT // 2):
            window = row[start:start + CONTEXT]
            logprobs = model(window[None]).logits[0, :-1].float().log_softmax(-1).gather(1, window[1:, None])[:, 0]
            total += logprobs[max(0, seen - start - 1):].double().sum().item()
            seen = start + len(window)
            if seen == len(row):
                break
    model.train()
    size = len(held.encode()) - len(tokenizer.decode(row[:1].tolist()).encode())
    return -total / size / 0.6931471805599453


def pieces(generator):
    """Batches of one pass: the books cut at another place than in the pass before, the pieces in another order."""
    starts = list(range(generator.randrange(CONTEXT), len(data) - CONTEXT, CONTEXT))
    generator.shuffle(starts)
    return [starts[i:i + a.batch] for i in range(0, len(starts), a.batch)]


# Short pieces teach as much early on and cost less; the last 70 % of the steps see the whole context (Press et al. 2020,
# arXiv:2012.15832).
model.train()
for starts in run.passes(pieces):
    if run.step >= run.steps:
        break
    rows = torch.stack([data[i:i + CONTEXT] for i in starts]).to(place)
    going = run.update(loss_of(rows.view(-1, SHORT) if run.progress < 0.3 else rows))
    if run.step % 400 == 0 and going:
        print("held-out bits per byte", held_out(), flush=True)
model.eval()
bits = held_out()
print("held-out bits per byte", bits, flush=True)
model.generation_config.bos_token_id = model.generation_config.eos_token_id = end
model.generation_config.pad_token_id = end
model.generation_config.update(do_sample=True, temperature=0.8, top_p=0.95)  # what a small model makes whole sentences with
model.to(torch.bfloat16).save_pretrained(a.out)
common.save_log(run, tokens_a_step=a.batch * CONTEXT, held_out_book=books.HELD_OUT, held_out_bits_per_byte=bits, size=a.size)
