"""Trains `storyteller` or `storyteller-mini`: GPT-2 over story books; one whole book is held out (books.py).

    python train_storyteller.py --corpora CORPORA --out models/storyteller --size large --seconds 680
    python train_storyteller.py --corpora CORPORA --out models/storyteller-mini --size mini --seconds 240 --batch 64 --peak 0.004 --dropout 0

made the bundled weights on one H200. The vocabulary is storyteller_vocabulary.py's.
"""
import array, os, random

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

import books, common

SIZES = dict(large=dict(n_embd=448, n_layer=8, n_head=7), mini=dict(n_embd=128, n_layer=5, n_head=4), tiny=dict(n_embd=64, n_layer=2, n_head=2))
p = common.arguments(__doc__.splitlines()[0], tokenizer=os.path.join(common.MODELS, "storyteller", "tokenizer.json"), seconds=600, batch=48,
                     peak=3e-3, dropout=0.1)
p.add_argument("--size", choices=SIZES, required=True)
p.add_argument("--context", type=int, default=1024)
a = p.parse_args()
common.begin(a)
name = "storyteller-mini" if a.size == "mini" else "storyteller"
tokenizer, END = Tokenizer.from_file(a.tokenizer), "<|endoftext|>"
end = tokenizer.token_to_id(END)
V, T = tokenizer.get_vocab_size(), a.context

# Children's books first, so that one index divides the data.
train, held = books.split(a.corpora)
held = held if common.CUDA else held[:20000]  # a trial on a CPU measures less
# The first twelve are those of standard-ebooks.txt, nearly all for children; those of gutenberg.txt follow.
young, old = [s for t in train[:12] for s in books.stories(t)], [s for t in train[12:] for s in books.stories(t)]
for title, parts in common.more_books(a.corpora):
    (young if books.is_for_children(title) else old).extend(parts)
if a.share < 1:
    young, old = random.sample(young, int(len(young) * a.share)), random.sample(old, int(len(old) * a.share))
random.shuffle(young)
random.shuffle(old)


def packed(texts):
    out = array.array("i")
    for i in range(0, len(texts), 2000):
        for e in tokenizer.encode_batch(texts[i:i + 2000]):
            out.extend(e.ids)
            out.append(end)
    return torch.frombuffer(out, dtype=torch.int32).clone()


first, second = packed(young), packed(old)
data = torch.cat([first, second]).to(common.PLACE)
boundary = len(first)
characters = sum(map(len, young)) + sum(map(len, old))
print(f"[{name}] characters {characters} tokens {len(data)}, for children {boundary}, parts {len(young)} + {len(old)}", flush=True)
del first, second

config = GPT2Config(vocab_size=V, n_positions=T, bos_token_id=end, eos_token_id=end, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, **SIZES[a.size])
model = GPT2LMHeadModel(config).to(common.PLACE)
H, D = config.n_head, config.n_embd
print(f"[{name}] parameters {sum(q.numel() for q in model.parameters())}", flush=True)


def norm(x, w, b):
    return F.layer_norm(x.float(), (D,), w, b, 1e-5).to(x.dtype)


def linear(x, w, b):
    return F.linear(x, w.t().to(x.dtype), b.to(x.dtype))


def block(x, w, drop: float):
    (n1, m1, qkv, bqkv, o, bo, n2, m2, up, bup, down, bdown) = w
    B, L, _ = x.shape
    q, k, v = linear(norm(x, n1, m1), qkv, bqkv).view(B, L, 3, H, D // H).permute(2, 0, 3, 1, 4).unbind(0)
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(B, L, D)
    x = x + F.dropout(linear(y, o, bo), drop, drop > 0)
    y = linear(F.gelu(linear(norm(x, n2, m2), up, bup), approximate="tanh"), down, bdown)
    return x + F.dropout(y, drop, drop > 0)


def loss_of_hidden(x, n, m, wte, wanted):
    logits = F.linear(norm(x, n, m), wte.to(x.dtype)).float()
    return F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="none").view(wanted.shape)


def begin_of(ids, wte, wpe, drop: float):
    return F.dropout(F.embedding(ids, wte) + wpe[:ids.size(1)], drop, drop > 0).to(common.NUMBER)


weights = [(h.ln_1.weight, h.ln_1.bias, h.attn.c_attn.weight, h.attn.c_attn.bias, h.attn.c_proj.weight, h.attn.c_proj.bias,
            h.ln_2.weight, h.ln_2.bias, h.mlp.c_fc.weight, h.mlp.c_fc.bias, h.mlp.c_proj.weight, h.mlp.c_proj.bias) for h in model.transformer.h]
t = model.transformer


def losses(rows, drop, begin_of=begin_of, block=block, loss_of_hidden=loss_of_hidden):
    x = begin_of(rows[:, :-1], t.wte.weight, t.wpe.weight, drop)
    for w in weights:
        x = block(x, w, drop)
    return loss_of_hidden(x, t.ln_f.weight, t.ln_f.bias, t.wte.weight, rows[:, 1:])


quick = [common.compiled(f) for f in (begin_of, block, loss_of_hidden)]


@torch.no_grad()
def held_out():
    """Bits per byte of the held-out book: a window that slides by half of itself, each token once, with the most context."""
    row, total, seen = torch.tensor(tokenizer.encode(held).ids, device=common.PLACE), 0.0, 0
    for start in range(0, len(row), T // 2):
        window = row[start:start + T]
        lost = losses(window[None], 0.0)[0]
        total += lost[max(0, seen - start - 1):].double().sum().item()
        seen = start + len(window)
        if seen == len(row):
            break
    return total / (len(held.encode()) - len(tokenizer.decode(row[:1].tolist()).encode())) / 0.6931471805599453


def batches(clock):
    """Windows of T + 1 tokens, cut at another place in every pass; in the second half of the run those for children twice."""
    reach = torch.arange(T + 1, device=common.PLACE)
    number = 0
    while True:
        starts = torch.arange(random.randrange(T), len(data) - T - 1, T)
        if clock.progress() > 0.5:
            starts = torch.cat([starts, torch.arange(random.randrange(T), boundary - T - 1, T)])
        starts = starts[torch.randperm(len(starts))].to(common.PLACE)
        print(f"[{name}] pass {number}: {len(starts)} windows", flush=True)
        number += 1
        for i in range(0, len(starts) - a.batch + 1, a.batch):
            yield data[starts[i:i + a.batch, None] + reach].long()


def show():
    """Prints a sample, so that the log shows how the model grows."""
    ids = tokenizer.encode("Once upon a time").ids
    generator = torch.Generator(device=common.PLACE).manual_seed(1)
    with torch.no_grad():
        for _ in range(60):
            x = begin_of(torch.tensor([ids[-T:]], device=common.PLACE), t.wte.weight, t.wpe.weight, 0.0)
            for w in weights:
                x = block(x, w, 0.0)
            logits = F.linear(norm(x[:, -1], t.ln_f.weight, t.ln_f.bias), t.wte.weight.to(x.dtype)).float()[0] / 0.8
            ids.append(torch.multinomial(logits.softmax(-1), 1, generator=generator).item())
    print(f"[{name}] " + tokenizer.decode(ids).replace("\n", " ⏎ "), flush=True)


with torch.no_grad():  # the functions above compute what transformers computes
    some = data[:129].long()[None]
    theirs = F.cross_entropy(model.eval()(some[:, :-1]).logits[0].float(), some[0, 1:])
    print(f"[{name}] loss at first {losses(some, 0.0).mean():.4f}, transformers {theirs:.4f}", flush=True)
optimizer = common.Muon(model, a.peak, stacked=("c_attn.weight",))
clock = common.Clock(name, a.seconds)
shown = 0
for rows in batches(clock):
    progress = clock.progress()
    if progress >= 1 or clock.step >= a.steps:
        break
    loss = losses(rows, a.dropout, *quick).mean()
    loss.backward()
    optimizer.step(clock.rate(progress))
    clock.tick(loss)
    if progress > (shown + 1) * 0.2:
        shown += 1
        show()
bits = held_out()
show()
print(f"[{name}] held-out bits per byte {bits:.4f} after {clock.step} steps, {clock.step * a.batch * T} tokens", flush=True)
model.generation_config.update(bos_token_id=end, eos_token_id=end, pad_token_id=end)
model.generation_config.update(do_sample=True, temperature=0.8, top_p=0.95)  # what a small model makes whole sentences with
files = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=END, eos_token=END, unk_token=END, model_max_length=T)
common.save(model, files, a.out, clock, tied=("lm_head.weight",), held_out_book=books.HELD_OUT, held_out_bits_per_byte=bits,
            tokens=clock.step * a.batch * T, tokens_of_data=len(data), batch=a.batch, peak=a.peak, dropout=a.dropout, size=a.size)
