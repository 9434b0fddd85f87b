"""Trains `storyteller` or `storyteller-mini`: GPT-2 with a byte-level BPE vocabulary of its own.

    python train_storyteller.py --corpora CORPORA --out models/storyteller --size full
    python train_storyteller.py --corpora CORPORA --out models/storyteller-mini --size mini --tokenizer models/storyteller/tokenizer.json

Story books (Standard Ebooks, Project Gutenberg); the last 4 % of each file is held out before anything is trained.
"""
import os

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

import common

VOCABULARY, CONTEXT, END = 8192, 512, "<|endoftext|>"
SIZES = dict(full=dict(n_embd=320, n_layer=6, n_head=5), mini=dict(n_embd=96, n_layer=3, n_head=3))
p = common.arguments(__doc__.splitlines()[0], minutes=100, steps=30000, batch=8)
p.add_argument("--size", choices=SIZES, required=True)
p.add_argument("--tokenizer", help="take this tokenizer.json instead of training one")
a = p.parse_args()
common.begin(a)


def unwrap(text):
    """Joins the hard-wrapped lines of a plain-text book; paragraphs stay apart."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip())


books = common.read(a.corpora, "standard-ebooks.txt"), unwrap(common.read(a.corpora, "gutenberg.txt"))
train, held = [], []
for text in books:
    cut = int(len(text) * 0.96)
    train.append(text[:int(cut * a.share)])
    held.append(text[cut:])

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


def encode(texts):
    """One stream of ids; a scene break or a chapter ends with the end-of-text token."""
    ids = []
    for text in texts:
        ids += tokenizer.encode(text).ids + [end]
    return torch.tensor(ids, dtype=torch.long)


data, check = encode(train), encode(held)
model = GPT2LMHeadModel(GPT2Config(vocab_size=tokenizer.get_vocab_size(), n_positions=CONTEXT, bos_token_id=end, eos_token_id=end,
                                   resid_pdrop=0.05, embd_pdrop=0.05, attn_pdrop=0.0, **SIZES[a.size]))
print("tokens", len(data), "parameters", model.num_parameters(), flush=True)
run = common.Run(a, model, common.decayed(model, 1e-3), peak=1.5e-3 if a.size == "full" else 3e-3)
generator = torch.Generator().manual_seed(a.seed + run.step)


def loss_of(rows):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(rows).logits
    return torch.nn.functional.cross_entropy(logits[:, :-1].float().flatten(0, 1), rows[:, 1:].flatten())


model.train()
while True:
    starts = torch.randint(0, len(data) - CONTEXT, (a.batch,), generator=generator)
    if not run.update(loss_of(torch.stack([data[i:i + CONTEXT] for i in starts]))):
        break
model.eval()
with torch.no_grad():
    rows = check[:len(check) // CONTEXT * CONTEXT].view(-1, CONTEXT)
    nats = sum(loss_of(row[None]).item() * (CONTEXT - 1) for row in rows)
    size = sum(len(tokenizer.decode(row[1:].tolist()).encode()) for row in rows)
print("held-out bits per byte", nats / size / 0.6931471805599453)
model.generation_config.bos_token_id = model.generation_config.eos_token_id = end
model.generation_config.pad_token_id = end
model.to(torch.bfloat16).save_pretrained(a.out)
common.save_log(run, held_out_bits_per_byte=nats / size / 0.6931471805599453, size=a.size)
