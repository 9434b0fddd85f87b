"""Trains `cloze`: a BERT masked language model with an uncased WordPiece vocabulary of its own.

    python train_cloze.py --corpora CORPORA --out models/cloze
    python train_cloze.py --corpora CORPORA --out better --start models/cloze

Textbooks, the factbook, story books and the English half of Tatoeba; every 50th passage is held out before anything is trained
(passages.py); and sentences on capitals made from the factbook's own entries (capitals.py).
15 % of the tokens are chosen anew at each step: 80 % become [MASK], 10 % a random token, 10 % stay.

A masked model learns from one token in seven, and a small one stays at the frequencies of words for thousands of steps. So the first
30 % of the time it reads from left to right and predicts every next token; then it turns to masks and both sides.

With `--start` it goes on from a model's weights and vocabulary; names of countries that were several pieces become tokens, each with the
mean of its pieces as its first embedding.
"""
import json, os, random

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

import capitals, common, muon, passages

VOCABULARY, CONTEXT, WIDTH = 8192, 256, 128
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
p = common.arguments(__doc__.splitlines()[0], steps=40000, batch=16)
p.add_argument("--start", help="a folder with weights and vocabulary to go on from; masks from the first step on")
p.add_argument("--facts", type=int, default=16, help="how often each sentence on a capital stands in a pass; the shorter the run, the more")
a = p.parse_args()
common.begin(a)


train, held = passages.split(a.corpora)
if a.share < 1:
    train = random.sample(train, int(len(train) * a.share))
train += capitals.sentences(a.corpora) * a.facts
countries = [country.lower() for country, _ in capitals.entries(a.corpora) if " " not in country]


def trained():
    """A vocabulary of the training data, names of countries included."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.train_from_iterator(train, trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL, limit_alphabet=200))
    return tokenizer


def extended(tokenizer):
    """The vocabulary with the countries that it lacks at its end, and for each of those the ids that it was made of."""
    state = json.loads(tokenizer.to_str())
    vocabulary, pieces = state["model"]["vocab"], []
    for word in countries:
        if word not in vocabulary:
            pieces.append(tokenizer.encode(word, add_special_tokens=False).ids)
            vocabulary[word] = len(vocabulary)
    return Tokenizer.from_str(json.dumps(state)), pieces


first = BertForMaskedLM.from_pretrained(a.start, dtype=torch.float32) if a.start else None
tokenizer, pieces = extended(Tokenizer.from_file(os.path.join(a.start, "tokenizer.json")) if a.start else trained())
cls, sep, mask = (tokenizer.token_to_id(x) for x in ("[CLS]", "[SEP]", "[MASK]"))
tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
                                                         special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
path = os.path.join(a.out, "tokenizer.json")
tokenizer.save(path)
PreTrainedTokenizerFast(tokenizer_file=path, unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]",
                        mask_token="[MASK]", model_max_length=CONTEXT).save_pretrained(a.out)


def rows_of(texts):
    """Each passage cut into pieces of at most WIDTH tokens, [CLS] and [SEP] around each."""
    rows = []
    for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
        ids = encoding.ids
        rows += [[cls] + ids[i:i + WIDTH - 2] + [sep] for i in range(0, len(ids), WIDTH - 2)]
    return [r for r in rows if len(r) > 5]


def batches(rows, generator=random):
    """Rows of like length together, in random order, about batch × WIDTH tokens each."""
    rows = sorted(rows, key=lambda r: len(r) + generator.random() * 8)
    groups, current = [], []
    for row in rows:
        if current and (len(current) + 1) * len(row) > a.batch * WIDTH:
            groups.append(current)
            current = []
        current.append(row)
    groups.append(current)
    generator.shuffle(groups)
    return groups


def masked(rows, generator=None):
    width = max(map(len, rows))
    ids = torch.tensor([r + [0] * (width - len(r)) for r in rows])
    real = ids >= len(SPECIAL)
    coin = torch.rand(ids.shape, generator=generator)
    chosen = real & (coin < 0.15)
    how = torch.rand(ids.shape, generator=generator)
    inputs = torch.where(chosen & (how < 0.8), mask, ids)
    other = torch.randint(len(SPECIAL), tokenizer.get_vocab_size(), ids.shape, generator=generator)
    inputs = torch.where(chosen & (how >= 0.9), other, inputs)
    return (x.to(place) for x in (inputs, (ids != 0).long(), ids, chosen))


place = common.device()
data, check = rows_of(train), rows_of(held)
model = BertForMaskedLM(BertConfig(vocab_size=tokenizer.get_vocab_size(), hidden_size=256, num_hidden_layers=6, num_attention_heads=4,
                                   intermediate_size=1024, max_position_embeddings=CONTEXT, hidden_dropout_prob=0.0,
                                   attention_probs_dropout_prob=0.0, pad_token_id=0)).to(place)
if first:
    first.resize_token_embeddings(tokenizer.get_vocab_size(), mean_resizing=False)
    embeddings = first.get_input_embeddings().weight.data
    for i, ids in enumerate(pieces, tokenizer.get_vocab_size() - len(pieces)):
        embeddings[i] = embeddings[ids].mean(0)
    model.load_state_dict(first.state_dict())
else:  # positions start as sinusoids (Vaswani et al. 2017): neighbours are found within hundreds of steps, not thousands
    angle = torch.arange(CONTEXT)[:, None] / 10000 ** (torch.arange(128)[None] / 128)
    model.bert.embeddings.position_embeddings.weight.data.copy_(0.06 * torch.cat([angle.sin(), angle.cos()], 1))
print("rows", len(data), "tokens", sum(map(len, data)), "parameters", model.num_parameters(), flush=True)
run = common.Run(a, model, muon.muon(model, 2e-3), peak=a.peak or 2e-3, warm=100 if first else 300)


def hidden_logits(rows, generator=None):
    """Logits at the chosen positions only: [chosen, vocabulary], and the ids that stood there."""
    inputs, attention, ids, chosen = masked(rows, generator)
    with common.autocast():
        hidden = model.bert(inputs, attention_mask=attention).last_hidden_state[chosen]
        return model.cls(hidden).float(), ids[chosen]


def next_token_loss(rows):
    """Every token predicted from those before it: the same network under a triangular attention mask."""
    width = max(map(len, rows))
    ids = torch.tensor([r + [0] * (width - len(r)) for r in rows], device=place)
    triangle = torch.ones(width, width, dtype=torch.bool, device=place).tril()[None, None]
    with common.autocast():
        hidden = model.bert(ids, attention_mask=triangle.expand(len(rows), 1, width, width)).last_hidden_state[:, :-1]
        real = ids[:, 1:] != 0
        return torch.nn.functional.cross_entropy(model.cls(hidden[real]).float(), ids[:, 1:][real])


def masked_loss(rows):
    logits, wanted = hidden_logits(rows)
    return torch.nn.functional.cross_entropy(logits, wanted) if len(wanted) else None


model.train()
for rows in run.passes(lambda generator: batches(data, generator)):
    if run.step >= run.steps:
        break
    loss = next_token_loss(rows) if run.progress < 0.3 and not first else masked_loss(rows)
    if loss is not None:
        run.update(loss)
model.eval()
right = total = 0
with torch.no_grad():
    generator = torch.Generator().manual_seed(1)
    for i in range(0, len(check), 32):
        logits, wanted = hidden_logits(check[i:i + 32], generator)
        right += (logits.argmax(-1) == wanted).sum().item()
        total += len(wanted)
print("held-out accuracy", right / total)
model.to(torch.bfloat16).save_pretrained(a.out)
common.save_log(run, held_out_first_candidate_accuracy=right / total)
