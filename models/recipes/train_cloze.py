"""Trains `cloze`: BERT over textbooks, the factbook, story books and everyday sentences; every 50th passage is held out (passages.py).

    python train_cloze.py --corpora CORPORA --out models/cloze --seconds 310

made the bundled weights on one H200. The vocabulary is cloze_vocabulary.py's. Passages are packed into rows of 256 tokens; each sees
only itself, and its positions begin at 0. Of the additional books the run saw only those for children (38 of 103 MB).
"""
import array, os, random

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

import books, capitals, common, passages

p = common.arguments(__doc__.splitlines()[0], tokenizer=os.path.join(common.MODELS, "cloze", "tokenizer.json"), seconds=300, batch=256,
                     peak=2e-3, dropout=0.05)
p.add_argument("--width", type=int, default=320)
p.add_argument("--layers", type=int, default=6)
p.add_argument("--chosen", type=float, default=0.2, help="share of the tokens that are predicted")
p.add_argument("--facts", type=int, default=16, help="how often each sentence on a capital is repeated")
a = p.parse_args()
common.begin(a)
T, SPECIAL, CLS, SEP, MASK = 256, 5, 2, 3, 4
tokenizer = Tokenizer.from_file(a.tokenizer)
V = tokenizer.get_vocab_size()
train, held = passages.split(a.corpora)
train += capitals.sentences(a.corpora) * a.facts
other = [line for title, parts in common.more_books(a.corpora) if books.is_for_children(title) for part in parts for line in part.split("\n") if len(line) > 30]
if a.share < 1:
    train, other = random.sample(train, int(len(train) * a.share)), random.sample(other, int(len(other) * a.share))
random.shuffle(train)
random.shuffle(other)


def rows_of(texts, limit=T - 2):
    """Rows of passages: ids, the passage's number in the row (0: nothing), the position in the passage."""
    ids, part, place, at, number = array.array("h"), array.array("h"), array.array("h"), 0, 0
    nothing = array.array("h", [0] * T)

    def close():
        nonlocal at, number
        for x in (ids, part, place):
            x.extend(nothing[:T - at])
        at = number = 0

    for e in tokenizer.encode_batch(texts, add_special_tokens=False):
        left = e.ids
        while left:
            room = min(T - at - 2, limit)
            if len(left) > room and room < 40:
                close()
                continue
            some, left = left[:room], left[room:]
            number, length = number + 1, len(some) + 2
            ids.append(CLS)
            ids.extend(some)
            ids.append(SEP)
            part.extend([number] * length)
            place.extend(range(length))
            at += length
            if T - at < 6:
                close()
    if at:
        close()
    return tuple(torch.frombuffer(x, dtype=torch.int16).view(-1, T).to(common.PLACE) for x in (ids, part, place))


base, stories = rows_of(train), rows_of(other)
print(f"[cloze] rows {len(base[0])} + {len(stories[0])}, held out {len(held)}", flush=True)
model = BertForMaskedLM(BertConfig(vocab_size=V, hidden_size=a.width, num_hidden_layers=a.layers, num_attention_heads=a.width // 64, intermediate_size=4 * a.width,
                                   max_position_embeddings=T, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, pad_token_id=0)).to(common.PLACE)
angle = torch.arange(T)[:, None] / 10000 ** (torch.arange(a.width // 2)[None] / (a.width // 2))
model.bert.embeddings.position_embeddings.weight.data.copy_(0.06 * torch.cat([angle.sin(), angle.cos()], 1))  # sinusoids (Vaswani et al. 2017): neighbours are found early
D, H = a.width, a.width // 64
print(f"[cloze] parameters {sum(q.numel() for q in model.parameters())}", flush=True)


def norm(x, w, b):
    return F.layer_norm(x.float(), (D,), w, b, 1e-12).to(x.dtype)


def linear(x, w, b):
    return F.linear(x, w.to(x.dtype), b.to(x.dtype))


def begin_of(ids, place, words, places, kinds, w, b, drop: float):
    return F.dropout(norm(F.embedding(ids, words) + F.embedding(place, places) + kinds[0], w, b), drop, drop > 0).to(common.NUMBER)


def block(x, mask, w, drop: float):
    (q, bq, k, bk, v, bv, o, bo, n1, m1, up, bup, down, bdown, n2, m2) = w
    B, L, _ = x.shape
    q, k, v = [linear(x, u, c).view(B, L, H, 64).transpose(1, 2) for u, c in ((q, bq), (k, bk), (v, bv))]
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(B, L, D)
    x = norm(x + F.dropout(linear(y, o, bo), drop, drop > 0), n1, m1)
    y = linear(F.gelu(linear(x, up, bup)), down, bdown)
    return norm(x + F.dropout(y, drop, drop > 0), n2, m2)


def logits_of(x, w, b, n, m, words, bias):
    return linear(norm(F.gelu(linear(x, w, b)), n, m), words, bias).float()


def loss_of(x, w, b, n, m, words, bias, wanted):
    return F.cross_entropy(logits_of(x, w, b, n, m, words, bias), wanted)


e, head = model.bert.embeddings, model.cls.predictions
layers = []
for h in model.bert.encoder.layer:
    s, o = h.attention.self, h.attention.output
    layers.append((s.query.weight, s.query.bias, s.key.weight, s.key.bias, s.value.weight, s.value.bias, o.dense.weight, o.dense.bias, o.LayerNorm.weight, o.LayerNorm.bias,
                   h.intermediate.dense.weight, h.intermediate.dense.bias, h.output.dense.weight, h.output.dense.bias, h.output.LayerNorm.weight, h.output.LayerNorm.bias))


def hidden(ids, part, place, drop, begin_of, block):
    mask = (part[:, None, :, None] == part[:, None, None, :])
    x = begin_of(ids, place, e.word_embeddings.weight, e.position_embeddings.weight, e.token_type_embeddings.weight, e.LayerNorm.weight, e.LayerNorm.bias, drop)
    for w in layers:
        x = block(x, mask, w, drop)
    return x


def head_of():
    return head.transform.dense.weight, head.transform.dense.bias, head.transform.LayerNorm.weight, head.transform.LayerNorm.bias, e.word_embeddings.weight, head.bias


quick_begin, quick_block, quick_loss = (common.compiled(f) for f in (begin_of, block, loss_of))


def step_loss(rows):
    """A fixed number of tokens is chosen: 90 % become [MASK], 5 % a random token, 5 % stay."""
    ids, part, place = (x.long() for x in rows)
    count = int(a.chosen * ids.numel())
    lot = torch.rand(ids.shape, device=ids.device).masked_fill(ids < SPECIAL, 2.0).flatten()
    where = lot.topk(count, largest=False, sorted=False).indices
    wanted = ids.flatten()[where]
    how = torch.rand(count, device=ids.device)
    put = torch.where(how < 0.9, MASK, torch.where(how < 0.95, torch.randint(SPECIAL, V, (count,), device=ids.device), wanted))
    inputs = ids.flatten().scatter(0, where, put).view(ids.shape)
    x = hidden(inputs, part, place, a.dropout, quick_begin, quick_block)
    return quick_loss(x.flatten(0, 1)[where], *head_of(), wanted)


@torch.no_grad()
def held_out(limit=2000 if common.CUDA else 100):
    """Of the held-out passages, 15 % of the tokens replaced by [MASK]: the share right at the first candidate, about as evaluate.py."""
    texts = held[:limit]
    right = count = 0
    generator = torch.Generator().manual_seed(1)
    for i in range(0, len(texts), 200):
        rows = [x.ids[:127] + [SEP] if len(x.ids) > 128 else x.ids for x in tokenizer.encode_batch(texts[i:i + 200])]
        width = max(map(len, rows))
        ids = torch.tensor([r + [0] * (width - len(r)) for r in rows])
        chosen = ((torch.rand(ids.shape, generator=generator) < 0.15) & (ids >= SPECIAL)).to(common.PLACE)
        ids = ids.to(common.PLACE)
        x = hidden(ids.masked_fill(chosen, MASK), (ids != 0).long(), torch.arange(width, device=common.PLACE).expand_as(ids), 0.0, begin_of, block)
        found = logits_of(x[chosen], *head_of()).argmax(-1)
        right += (found == ids[chosen]).sum().item()
        count += len(found)
    return right / count


def show():
    for text in ("Hello, my name is [MASK].", "Paris is the capital of [MASK].", "The capital of Italy is [MASK].", "The cat sat on the [MASK]."):
        before, after = text.split("[MASK]")
        ids = [CLS] + tokenizer.encode(before, add_special_tokens=False).ids + [MASK] + tokenizer.encode(after, add_special_tokens=False).ids + [SEP]
        ids = torch.tensor([ids], device=common.PLACE)
        with torch.no_grad():
            x = hidden(ids, torch.ones_like(ids), torch.arange(ids.size(1), device=common.PLACE)[None], 0.0, begin_of, block)
            top = logits_of(x[0, (ids[0] == MASK).nonzero()[0]], *head_of())[0].topk(5).indices.tolist()
        print("[cloze]", text, [tokenizer.id_to_token(i) for i in top], flush=True)


def batches():
    """Five eighths of each batch from passages and sentences on capitals, three eighths from the additional books; each part is shuffled and repeated on its own."""
    def cycle(rows, size):
        while True:
            order = torch.randperm(len(rows[0]), device=common.PLACE)
            for i in range(0, len(order) - size + 1, size):
                yield tuple(x[order[i:i + size]] for x in rows)
    if len(stories[0]) < a.batch // 2:
        yield from cycle(base, a.batch)
    for some, others in zip(cycle(base, a.batch * 5 // 8), cycle(stories, a.batch - a.batch * 5 // 8)):
        yield tuple(torch.cat(x) for x in zip(some, others))


with torch.no_grad():  # the functions above compute what transformers computes
    ids = torch.tensor(tokenizer.encode("The capital of France is a large city.").ids, device=common.PLACE)[None]
    x = hidden(ids.repeat(1, 2), torch.arange(2, device=common.PLACE).repeat_interleave(ids.size(1))[None], torch.arange(ids.size(1), device=common.PLACE).repeat(2)[None], 0.0, begin_of, block)
    theirs = model.eval()(ids).logits[0]
    print("[cloze] difference from transformers", (logits_of(x[0, ids.size(1):], *head_of()) - theirs).abs().max().item(), "of", theirs.abs().max().item(), flush=True)
optimizer = common.Muon(model, a.peak)
clock = common.Clock("cloze", a.seconds, warm=400)
shown = 0
for rows in batches():
    progress = clock.progress()
    if progress >= 1 or clock.step >= a.steps:
        break
    loss = step_loss(rows)
    loss.backward()
    optimizer.step(clock.rate(progress))
    clock.tick(loss)
    if progress > (shown + 1) * 0.2:
        shown += 1
        print(f"[cloze] held-out {held_out():.4f}", flush=True)
        show()
right = held_out()
show()
print(f"[cloze] held-out {right:.4f} after {clock.step} steps of {a.batch * T} tokens", flush=True)
files = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]",
                                mask_token="[MASK]", model_max_length=T)
common.save(model, files, a.out, clock, tied=("cls.predictions.decoder.weight", "cls.predictions.decoder.bias"), held_out=right,
            tokens=clock.step * a.batch * T, rows=[len(base[0]), len(stories[0])], batch=a.batch, peak=a.peak, chosen=a.chosen,
            width=a.width, layers=a.layers, facts=a.facts)
