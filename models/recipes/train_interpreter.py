"""Trains `interpreter`: a T5 between English and French over Tatoeba's pairs, 2,000 of them held out (pairs.py).

    python train_interpreter.py --corpora CORPORA --out models/interpreter --seconds 305

made the bundled weights on one H200. The vocabulary is interpreter_vocabulary.py's. Examples are packed into rows of fixed length; each
sees only itself. T5's positions are distances, so packing changes nothing else.
"""
import os, queue, threading

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

import common
import pairs as split
from pairs import EN_FR, FR_EN

p = common.arguments(__doc__.splitlines()[0], tokenizer=os.path.join(common.MODELS, "interpreter", "tokenizer.json"), seconds=300, batch=128,
                     peak=4e-3, dropout=0.15)
p.add_argument("--width", type=int, default=320)
p.add_argument("--ff", type=int, default=1024)
p.add_argument("--encoder", type=int, default=5, help="layers of the encoder")
p.add_argument("--decoder", type=int, default=3, help="layers of the decoder")
p.add_argument("--outer", type=float, default=2.5, help="learning rate of embeddings and norms relative to that of matrices")
a = p.parse_args()
common.begin(a)
S, L = 128, 96  # tokens of a row: of sources, of targets
tokenizer = Tokenizer.from_file(a.tokenizer)
V = tokenizer.get_vocab_size()
pairs, held = split.split(a.corpora)
pairs = pairs[:int(len(pairs) * a.share)]


def ids(texts):
    return [x.ids for x in tokenizer.encode_batch(texts)]


def examples(pairs):
    english, french = [e for e, _ in pairs], [f for _, f in pairs]
    out = list(zip(ids([EN_FR + e for e in english]), ids(french))) + list(zip(ids([FR_EN + f for f in french]), ids(english)))
    return [(s, t) for s, t in out if len(s) <= S and len(t) <= L]


data, check = examples(pairs), examples(held if common.CUDA else held[:25])
print(f"[interpreter] examples {len(data)}, source {sum(len(s) for s, _ in data) / len(data):.1f}, target {sum(len(t) for _, t in data) / len(data):.1f} tokens", flush=True)
source_lengths, target_lengths = np.array([len(s) for s, _ in data]), np.array([len(t) for _, t in data])


def flat(rows):
    lengths = np.array([len(r) for r in rows])
    return np.concatenate([np.array(r, dtype=np.int16) for r in rows]), np.cumsum(lengths) - lengths


sources, source_starts = flat([s for s, _ in data])
targets, target_starts = flat([t for _, t in data])


def packed(order):
    """Rows of the examples in this order: ids and example numbers (0: nothing), of sources and of targets."""
    row_of, source_at, target_at = np.zeros(len(order), np.int64), np.zeros(len(order), np.int64), np.zeros(len(order), np.int64)
    row = s = t = 0
    for i, (n, m) in enumerate(zip(source_lengths[order].tolist(), target_lengths[order].tolist())):
        if s + n > S or t + m > L:
            row, s, t = row + 1, 0, 0
        row_of[i], source_at[i], target_at[i] = row, s, t
        s, t = s + n, t + m
    out = []
    for flatten, starts, lengths, at, width in ((sources, source_starts, source_lengths, source_at, S), (targets, target_starts, target_lengths, target_at, L)):
        n = lengths[order]
        inside = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        where = np.repeat(row_of * width + at, n) + inside
        x, part = np.zeros((row + 1) * width, np.int16), np.zeros((row + 1) * width, np.int32)
        x[where] = flatten[np.repeat(starts[order], n) + inside]
        part[where] = np.repeat(np.arange(1, len(order) + 1), n)
        out += [x.reshape(-1, width), part.reshape(-1, width)]
    return out


def passes():
    """Passes without end, the next one packed while the last is trained on."""
    ready = queue.Queue(1)

    def pack():
        generator = np.random.default_rng(0)
        while True:
            ready.put([torch.from_numpy(x) for x in packed(generator.permutation(len(data)))])
    threading.Thread(target=pack, daemon=True).start()
    number = 0
    while True:
        x = [y.to(common.PLACE) for y in ready.get()]
        print(f"[interpreter] pass {number}: {len(x[0])} rows", flush=True)
        number += 1
        for i in range(0, len(x[0]) - a.batch + 1, a.batch):
            yield [y[i:i + a.batch].long() for y in x]


config = T5Config(vocab_size=V, d_model=a.width, d_kv=64, d_ff=a.ff, num_layers=a.encoder, num_decoder_layers=a.decoder, num_heads=a.width // 64, dropout_rate=0.1,
                  feed_forward_proj="relu", decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, tie_word_embeddings=True)
model = T5ForConditionalGeneration(config).to(common.PLACE)
D, H = a.width, a.width // 64
print(f"[interpreter] parameters {sum(q.numel() for q in model.parameters())}", flush=True)


def norm(x, w):
    x32 = x.float()
    return (x32 * torch.rsqrt(x32.pow(2).mean(-1, keepdim=True) + 1e-6) * w).to(common.NUMBER)


def linear(x, w):
    return F.linear(x, w.to(x.dtype))


def heads(x):
    return x.view(x.size(0), x.size(1), H, 64).transpose(1, 2)


def attend(x, memory, w, bias):
    """`bias`: what is added to the scores, minus infinity where nothing is seen. T5's queries are not scaled."""
    q, k, v, o = w
    scores = (heads(linear(x, q)) @ heads(linear(memory, k)).mT).float() + bias
    y = scores.softmax(-1).to(x.dtype) @ heads(linear(memory, v))
    return linear(y.transpose(1, 2).reshape(x.shape), o)


def feed(x, w, drop: float):
    up, down = w
    return linear(F.dropout(F.relu(linear(x, up)), drop, drop > 0), down)


def encoder_block(x, bias, n1, attention, n2, ff, drop: float):
    h = norm(x, n1)
    x = x + F.dropout(attend(h, h, attention, bias), drop, drop > 0)
    return x + F.dropout(feed(norm(x, n2), ff, drop), drop, drop > 0)


def decoder_block(x, memory, bias, across, n1, attention, n2, other, n3, ff, drop: float):
    h = norm(x, n1)
    x = x + F.dropout(attend(h, h, attention, bias), drop, drop > 0)
    x = x + F.dropout(attend(norm(x, n2), memory, other, across), drop, drop > 0)
    return x + F.dropout(feed(norm(x, n3), ff, drop), drop, drop > 0)


def loss_of(x, n, words, wanted, drop: float):
    """Label smoothing 0.1 where there is a target."""
    logits = linear(F.dropout(norm(x, n), drop, drop > 0) * D ** -0.5, words).float()
    return F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=-100, label_smoothing=0.1)


def begin_of(ids, words, drop: float):
    return F.dropout(F.embedding(ids, words), drop, drop > 0)


def bucket(n, both):
    """T5's buckets of distances (query row, key column), as transformers computes them."""
    where = torch.arange(n)
    return model.encoder.block[0].layer[0].SelfAttention._relative_position_bucket(where[None, :] - where[:, None], bidirectional=both, num_buckets=32, max_distance=128).to(common.PLACE)


encoder_buckets, decoder_buckets = bucket(S, True), bucket(L, False)
causal = torch.ones(L, L, dtype=torch.bool, device=common.PLACE).tril()


def bias_of(parts, keys, buckets=None, table=None, causal=None):
    seen = parts[:, None, :, None] == keys[:, None, None, :]
    if causal is not None:
        seen = seen & causal
    added = torch.zeros(1, device=parts.device) if table is None else F.embedding(buckets, table).permute(2, 0, 1)[None]
    return added.masked_fill(~seen, -1e9).to(common.NUMBER if common.CUDA else torch.float32)


quick = {f.__name__: common.compiled(f) for f in (encoder_block, decoder_block, loss_of, begin_of, bias_of)}
slow = {f.__name__: f for f in (encoder_block, decoder_block, loss_of, begin_of, bias_of)}


def four(x):
    return x.q.weight, x.k.weight, x.v.weight, x.o.weight


def two(x):
    return x.wi.weight, x.wo.weight


def batch_loss(batch, drop, f):
    source, source_parts, target, target_parts = batch
    # A target begins with the start token; what stands before it is another example's.
    first = torch.ones_like(target_parts, dtype=torch.bool)
    first[:, 1:] = target_parts[:, 1:] != target_parts[:, :-1]
    shifted = F.pad(target[:, :-1], (1, 0)).masked_fill(first, 0)
    wanted = target.masked_fill(target_parts == 0, -100)
    words = model.shared.weight
    e, d = model.encoder, model.decoder
    bias = f["bias_of"](source_parts, source_parts, encoder_buckets, e.block[0].layer[0].SelfAttention.relative_attention_bias.weight)
    x = f["begin_of"](source, words, drop)
    for b in e.block:
        x = f["encoder_block"](x, bias, b.layer[0].layer_norm.weight, four(b.layer[0].SelfAttention), b.layer[1].layer_norm.weight, two(b.layer[1].DenseReluDense), drop)
    memory = F.dropout(norm(x, e.final_layer_norm.weight), drop, drop > 0)
    bias = f["bias_of"](target_parts, target_parts, decoder_buckets, d.block[0].layer[0].SelfAttention.relative_attention_bias.weight, causal)
    across = f["bias_of"](target_parts, source_parts)
    x = f["begin_of"](shifted, words, drop)
    for b in d.block:
        x = f["decoder_block"](x, memory, bias, across, b.layer[0].layer_norm.weight, four(b.layer[0].SelfAttention), b.layer[1].layer_norm.weight,
                               four(b.layer[1].EncDecAttention), b.layer[2].layer_norm.weight, two(b.layer[2].DenseReluDense), drop)
    return f["loss_of"](x, d.final_layer_norm.weight, words, wanted, drop)


def padded(rows, width):
    return torch.tensor([r + [0] * (width - len(r)) for r in rows], device=common.PLACE)


@torch.no_grad()
def held_out():
    """Mean loss on the held-out pairs, one example a row."""
    total = 0.0
    for i in range(0, len(check), 500):
        some = check[i:i + 500]
        source, target = padded([s for s, _ in some], S), padded([t for _, t in some], L)
        total += batch_loss([source, (source != 0).long(), target, (target != 0).long()], 0.0, slow).item() * len(some)
    return total / len(check)


def show():
    for text in (EN_FR + "How are you?", EN_FR + "I don't know where my keys are.", EN_FR + "She bought a new car yesterday.", FR_EN + "Où est la gare ?"):
        source, said = torch.tensor([tokenizer.encode(text).ids], device=common.PLACE), []
        with torch.no_grad():
            for _ in range(30):
                out = model(input_ids=source, decoder_input_ids=torch.tensor([[0] + said], device=common.PLACE)).logits[0, -1].argmax().item()
                said.append(out)
                if out == 1:
                    break
        print("[interpreter]", text, "->", tokenizer.decode(said), flush=True)


optimizer = common.Muon(model, a.peak, outer=a.outer, scale=lambda name: 0.125 if name.endswith(".q.weight") else 1.0, decay=0.05)
model.eval()  # dropout is in the functions above
with torch.no_grad():  # the functions above compute what transformers computes: eight examples in packed rows, and one by one
    x = [torch.from_numpy(y).to(common.PLACE).long() for y in packed(np.arange(8))]
    ours = batch_loss(x, 0.0, slow)
    logits, wanted = [], []
    for s, t in data[:8]:
        labels = torch.tensor([t], device=common.PLACE)
        logits.append(model(input_ids=torch.tensor([s], device=common.PLACE), labels=labels).logits[0].float())
        wanted.append(labels[0])
    theirs = F.cross_entropy(torch.cat(logits), torch.cat(wanted), label_smoothing=0.1)
    print(f"[interpreter] loss at first {ours:.4f}, transformers {theirs:.4f}", flush=True)
clock = common.Clock("interpreter", a.seconds)
shown = 0
for batch in passes():
    progress = clock.progress()
    if progress >= 1 or clock.step >= a.steps:
        break
    loss = batch_loss(batch, a.dropout, quick)
    loss.backward()
    optimizer.step(clock.rate(progress))
    clock.tick(loss)
    if progress > (shown + 1) * 0.2:
        shown += 1
        print(f"[interpreter] held-out loss {held_out():.4f}", flush=True)
        show()
lost = held_out()
show()
print(f"[interpreter] held-out loss {lost:.4f} after {clock.step} steps", flush=True)
model.config.task_specific_params = {
    "translation_en_to_fr": dict(prefix=EN_FR),
    "translation_fr_to_en": dict(prefix=FR_EN)}
files = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
common.save(model, files, a.out, clock, tied=("encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"), held_out_loss=lost,
            examples=len(data), batch=a.batch, peak=a.peak, dropout=a.dropout, width=a.width, ff=a.ff, encoder=a.encoder, decoder=a.decoder)
