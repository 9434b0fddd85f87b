#!/usr/bin/env python3
"""Makes Tests/Fixtures/generation: three tiny models with random weights, and the results of transformers 5.24.

    python3 Tests/Fixtures/make_generation_fixtures.py

decoding.json: greedy and beam search (`generate`) of the GPT-2 and the T5 under many options: ids and `sequences_scores`.
scoring.json:  log-probability, rank and entropy of every token of given texts, computed in double precision from the models' logits: through
               sliding windows (GPT-2), one masked token at a time (BERT), of a target (T5).
filling.json:  the candidates of the fill-mask pipeline, and joint fillings by their definition.

A decoding case is kept only if five runs with noise of 3e-5 on the logits give the same ids, so that no case depends on rounding.
"""
import json, math, os, re, shutil, warnings, zlib
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models as tokenizer_models, pre_tokenizers
from transformers import (BertConfig, BertForMaskedLM, FillMaskPipeline, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast, T5Config,
                          T5ForConditionalGeneration, logging)

logging.set_verbosity_error()
logging.disable_progress_bar()
warnings.filterwarnings("ignore", message="Unfeasible length")
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "generation")
GPT2 = dict(model_type="gpt2", vocab_size=61, n_positions=40, n_embd=16, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=1)
T5 = dict(model_type="t5", vocab_size=53, d_model=16, d_kv=8, d_ff=24, num_layers=2, num_decoder_layers=2, num_heads=2,
          relative_attention_num_buckets=8, relative_attention_max_distance=16, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
          tie_word_embeddings=False)
BERT = dict(model_type="bert", vocab_size=67, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
            max_position_embeddings=40, type_vocab_size=2)
CLASSES = dict(gpt2=(GPT2Config, GPT2LMHeadModel), t5=(T5Config, T5ForConditionalGeneration), bert=(BertConfig, BertForMaskedLM))


def make(name, config):
    """Writes a folder with random weights that give peaked and varied distributions; returns the model read from it."""
    config_class, model_class = CLASSES[config["model_type"]]
    folder = os.path.join(HERE, name)
    os.makedirs(folder)
    json.dump(config, open(f"{folder}/config.json", "w"), indent=1)
    g = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    state = {}
    for key, value in model_class(config_class(**config)).state_dict().items():
        noise = torch.randn(value.shape, generator=g)
        if re.search(r"(ln_\w+|LayerNorm|layer_norm)\.weight$", key): state[key] = 1 + 0.2 * noise
        elif value.dim() < 2: state[key] = 0.2 * noise
        elif re.search(r"(wte|embeddings|shared|embed_tokens|decoder)\.weight$", key): state[key] = 0.8 * noise
        elif re.search(r"(wpe|relative_attention_bias)\.weight$", key): state[key] = 1.2 * noise
        elif key.endswith("lm_head.weight"): state[key] = 0.8 * noise
        else: state[key] = 1.5 * noise * value.shape[0 if config["model_type"] == "gpt2" else 1] ** -0.5
    if config["model_type"] == "gpt2": del state["lm_head.weight"]
    if config["model_type"] == "t5":
        for key in ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"): del state[key]
    if config["model_type"] == "bert":
        for key in [k for k in state if k in ("cls.predictions.decoder.weight", "cls.predictions.decoder.bias") or k.endswith("position_ids")]:
            del state[key]
    save_file({k: v.contiguous() for k, v in state.items()}, f"{folder}/model.safetensors", metadata={"format": "pt"})
    os.chmod(f"{folder}/model.safetensors", 0o644)
    model, report = model_class.from_pretrained(folder, attn_implementation="eager", output_loading_info=True)
    assert not report["missing_keys"] and not report["unexpected_keys"], report
    return model.eval()


class Shaken:
    """Adds noise to the logits of a model's forward pass."""
    def __init__(self, model, size, seed):
        self.model, self.size, self.g, self.inner = model, size, torch.Generator().manual_seed(seed), model.forward
    def __enter__(self):
        def forward(*a, **k):
            out = self.inner(*a, **k)
            out.logits = out.logits + self.size * torch.randn(out.logits.shape, generator=self.g).to(out.logits.dtype)
            return out
        if self.size: self.model.forward = forward
    def __exit__(self, *_):
        self.model.forward = self.inner


def run(model, ids, o):
    """One call of generate: for each returned sequence the new ids and the score."""
    seq2seq = model.config.is_encoder_decoder
    args = dict(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), do_sample=False,
                return_dict_in_generate=True, pad_token_id=0, max_new_tokens=o["max"], num_beams=o["beams"],
                num_return_sequences=o["returned"], repetition_penalty=float(o["repetition"]), no_repeat_ngram_size=o["ngram"],
                eos_token_id=o["eos"] or None)
    if o["beams"] > 1:
        args |= dict(length_penalty=float(o["penalty"]), early_stopping={"true": True, "false": False, "never": "never"}[o["stopping"]],
                     output_scores=True)
    if o["min"]: args["min_new_tokens"] = o["min"]
    if o["bias"]: args["sequence_bias"] = [[[int(i)], float(b)] for i, b in o["bias"].items()]
    if o["forcedEnd"]: args["forced_eos_token_id"] = o["forcedEnd"]
    if o["forcedStart"] is not None: args["forced_bos_token_id"] = o["forcedStart"]
    if o["suppressed"]: args["suppress_tokens"] = o["suppressed"]
    if o["suppressedFirst"]: args["begin_suppress_tokens"] = o["suppressedFirst"]
    if o["badWords"]: args["bad_words_ids"] = o["badWords"]
    model.generation_config.eos_token_id = None
    model.generation_config.bos_token_id = None
    with torch.no_grad(): out = model.generate(**args)
    answers = []
    for i, row in enumerate(out.sequences.tolist()):
        new = row[1 if seq2seq else len(ids):]
        ends = [n for n, id in enumerate(new) if id in o["eos"]]
        new = new[: ends[0] + 1] if ends else new[: o["max"]]
        # If there are fewer continuations than beams, transformers adds placeholders with a score of -1e9.
        if o["beams"] > 1 and out.sequences_scores[i] < -1e8: continue
        answers.append(dict(ids=new, score=out.sequences_scores[i].item() if o["beams"] > 1 else None))
    return answers


def decoding(model, vocabulary, count, seed):
    g = torch.Generator().manual_seed(seed)
    def pick(*values): return values[int(torch.randint(len(values), (1,), generator=g))]
    def ids(n): return torch.randint(2, vocabulary, (n,), generator=g).tolist()
    seq2seq, cases, dropped = model.config.is_encoder_decoder, [], 0
    while len(cases) < count:
        beams = pick(1, 2, 3, 4, 5, 6)
        o = dict(beams=beams, penalty=pick(-1, 0, 0.5, 1, 1, 2), stopping=pick("true", "false", "never"), max=pick(1, 4, 9, 14, 20, 20),
                 returned=pick(1, beams), repetition=pick(1, 1, 1, 1.3, 0.9), ngram=pick(0, 0, 0, 1, 2, 3), min=pick(0, 0, 0, 3, 8),
                 eos=pick([1], [5], [7, 11], ids(5), ids(9), []), bias=pick({}, {}, {"3": 1.5, "9": -2.5}),
                 forcedEnd=None, forcedStart=None, suppressed=[], suppressedFirst=[], badWords=[])
        if not o["eos"]: o["min"] = 0
        if seq2seq and pick(0, 0, 0, 0, 1): o["forcedStart"] = pick(4, 12)
        if o["eos"] and pick(0, 0, 0, 0, 1): o["forcedEnd"] = o["eos"][:1]
        if pick(0, 0, 0, 0, 0, 1): o["suppressed"] = ids(3)
        if pick(0, 0, 0, 0, 0, 1): o["suppressedFirst"] = ids(6)
        if pick(0, 0, 0, 0, 0, 1): o["badWords"] = [ids(1), ids(2), ids(3)] + [[a, b] for a in ids(4) for b in ids(4)]
        if o["beams"] == 1: o["returned"] = 1
        prompt = ids(pick(1, 2, 5, 9))
        if pick(0, 1):
            # End-of-text ids that the model generates, so that hypotheses end.
            made = [i for a in run(model, prompt, o | dict(eos=[], min=0, forcedEnd=None, forcedStart=None, suppressed=[], suppressedFirst=[], max=12)) for i in a["ids"]]
            o["eos"] = sorted({made[int(torch.randint(len(made), (1,), generator=g))] for _ in range(pick(1, 2))})
            if o["forcedEnd"]: o["forcedEnd"] = o["eos"][:1]
        # transformers refuses to force a forbidden id.
        forced = (o["forcedEnd"] or []) + ([] if o["forcedStart"] is None else [o["forcedStart"]])
        for key in ("suppressed", "suppressedFirst"): o[key] = [i for i in o[key] if i not in forced]
        answers = run(model, prompt, o)
        shaken = []
        for n in range(5):
            with Shaken(model, 3e-5, n): shaken.append([a["ids"] for a in run(model, prompt, o)])
        if any(s != [a["ids"] for a in answers] for s in shaken):
            dropped += 1
            continue
        cases.append(dict(prompt=prompt, options=o, answers=answers))
    ended = sum(a["ids"][-1] in c["options"]["eos"] for c in cases for a in c["answers"])
    early = sum(len(a["ids"]) < c["options"]["max"] for c in cases for a in c["answers"])
    print(model.config.model_type, len(cases), "cases,", dropped, "dropped,", sum(len(c["answers"]) for c in cases), "sequences,", ended, "ended,", early, "early")
    return cases


def told(logits, id, k=4):
    """Log-probability, rank, entropy and the most probable ids for an id in a row of logits."""
    logits = logits.double()
    lp = torch.log_softmax(logits, -1)
    order = sorted(range(len(lp)), key=lambda i: (-logits[i].item(), i))
    return dict(id=id, logprob=lp[id].item(), rank=order.index(id) + 1, entropy=-(lp.exp() * lp).sum().item() / math.log(2),
                top=[[i, lp[i].item()] for i in order[:k]])


@torch.no_grad()
def scoring(gpt2, t5, bert):
    g = torch.Generator().manual_seed(3)
    def ids(n, v): return torch.randint(4, v, (n,), generator=g).tolist()
    causal, L = [], GPT2["n_positions"]
    for n, stride in ((1, None), (2, None), (17, None), (40, None), (41, None), (41, 1), (97, None), (97, 39), (97, 7), (120, 13), (300, 25)):
        text, tokens, done, start = ids(n, 61), [], 1, 0
        while done < n:
            window = text[start:start + L]
            logits = gpt2(torch.tensor([window])).logits[0]
            for p in range(done, start + len(window)): tokens.append(told(logits[p - 1 - start], text[p]))
            done, start = start + len(window), start + (stride or L // 2)
        causal.append(dict(ids=text, stride=stride, tokens=tokens))
    masked = []
    for n in (1, 2, 11, 40):
        text, tokens = ids(n, 67), []
        for p in range(n):
            copy = list(text); copy[p] = 3
            tokens.append(told(bert(torch.tensor([copy])).logits[0, p], text[p]))
        masked.append(dict(ids=text, tokens=tokens))
    target = []
    for n, m in ((3, 1), (8, 12), (20, 30)):
        source, text = ids(n, 53), ids(m - 1, 53) + [1]
        logits = t5(input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([[0] + text[:-1]])).logits[0]
        target.append(dict(source=source, ids=text, tokens=[told(logits[p], text[p]) for p in range(m)]))
    return dict(causal=causal, masked=masked, target=target)


@torch.no_grad()
def filling(bert):
    """Ids 0…3 are [PAD], [CLS], [SEP], [MASK]; the others w4, w5, …."""
    names = ["[PAD]", "[CLS]", "[SEP]", "[MASK]"] + [f"w{i}" for i in range(4, 67)]
    raw = Tokenizer(tokenizer_models.WordLevel({n: i for i, n in enumerate(names)}, unk_token="[PAD]"))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    pipeline = FillMaskPipeline(bert, tokenizer)
    g, cases = torch.Generator().manual_seed(9), []
    for n, gaps, k, targets in ((6, [2], 5, []), (9, [0, 8], 5, []), (12, [3, 4, 9], 7, []), (5, [1], 5, [8, 40, 12]), (5, [1, 3], 2, [9, 30, 11]),
                                (30, [5, 6, 7, 20], 3, []), (3, [0, 1, 2], 67, [])):
        ids = torch.randint(4, 67, (n,), generator=g).tolist()
        for p in gaps: ids[p] = 3
        text = " ".join(names[i] for i in ids)
        answer = pipeline(text, top_k=k, targets=[names[i] for i in targets] or None)
        if len(gaps) == 1: answer = [answer]
        cases.append(dict(ids=ids, topK=k, targets=targets, candidates=[[[c["token"], c["score"]] for c in row] for row in answer],
                          joint=joint(bert.double(), ids, gaps, targets)))
        bert.float()
    return cases


def joint(bert, ids, gaps, targets):
    """Beam search with 20 hypotheses. Each fills its mask of lowest entropy next; equal fillings are kept once with the better score."""
    beam = {tuple(ids): 0.0}
    filled = {tuple(ids): frozenset()}
    for _ in gaps:
        new, where = {}, {}
        for text, score in beam.items():
            lp = torch.log_softmax(bert(torch.tensor([list(text)])).logits[0], -1)
            h = -(lp.exp() * lp).sum(-1)
            gap = min((p for p in gaps if p not in filled[text]), key=lambda p: (h[p].item(), p))
            for id in targets or range(lp.shape[-1]):
                t = text[:gap] + (id,) + text[gap + 1:]
                # A mask filled with the mask token would look unfilled; the best fillings here have none.
                if id == 3: continue
                s = score + lp[gap, id].item()
                if t not in new or s > new[t]: new[t], where[t] = s, filled[text] | {gap}
        best = sorted(new, key=lambda t: -new[t])[:20]
        beam, filled = {t: new[t] for t in best}, {t: where[t] for t in best}
    return [dict(ids=[t[p] for p in gaps], logprob=s) for t, s in beam.items()]


def write(name, value):
    def rounded(o):
        if isinstance(o, float): return float(f"{o:.8g}")
        if isinstance(o, dict): return {k: rounded(v) for k, v in o.items()}
        if isinstance(o, (list, tuple)): return [rounded(v) for v in o]
        return o
    path = os.path.join(HERE, name)
    json.dump(rounded(value), open(path, "w"), separators=(",", ":"))
    print(name, os.path.getsize(path), "bytes")


shutil.rmtree(HERE, ignore_errors=True)
torch.set_num_threads(1)
gpt2, t5, bert = make("gpt2", GPT2), make("t5", T5), make("bert", BERT)
write("decoding.json", dict(gpt2=decoding(gpt2, 61, 150, 1), t5=decoding(t5, 53, 150, 2)))
write("scoring.json", scoring(gpt2.double(), t5.double(), bert.double()))
write("filling.json", filling(bert.float()))
