#!/usr/bin/env python3
"""Writes program/configurations.json: the results of transformers 5.24 for generation_config.json, config.json and options of `generate`.

    python3 Tests/Fixtures/make_configuration_fixtures.py        (transformers 5.24, torch; after make_program_fixtures.py)

keys:  every key of GenerationConfig, by `to_dict()` and by the names that `__init__` takes.
cases: a model of program/, files (generation_config.json as text) and options, and the ids and scores of `generate`; or that transformers raises an error.

A case is kept only if five runs with noise of 3e-5 on the logits give the same ids, so that no case depends on rounding.
"""
import json, os, re, inspect, shutil, tempfile, warnings
import torch, transformers
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer, GenerationConfig, logging

logging.set_verbosity_error()
logging.disable_progress_bar()
warnings.simplefilter("ignore")
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "program")
TEXTS = {"causal": ["Once upon a time", "The sea"], "encoder-decoder": ["How are you?", "Good morning, the sea is calm."]}


class Shaken:
    """Adds noise to the logits of a model's forward pass."""
    def __init__(self, model, seed):
        self.model, self.g, self.inner = model, torch.Generator().manual_seed(seed), model.forward
    def __enter__(self):
        def forward(*a, **k):
            out = self.inner(*a, **k)
            out.logits = out.logits + 3e-5 * torch.randn(out.logits.shape, generator=self.g)
            return out
        self.model.forward = forward
    def __exit__(self, *_):
        self.model.forward = self.inner


def run(folder, name, text, options):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    seq2seq = name == "encoder-decoder"
    model = (AutoModelForSeq2SeqLM if seq2seq else AutoModelForCausalLM).from_pretrained(folder).eval()
    inputs = tokenizer(text, return_tensors="pt")
    ids = inputs.input_ids
    def generate():
        with torch.no_grad():
            out = model.generate(ids, attention_mask=torch.ones_like(ids), return_dict_in_generate=True, output_scores=True, **options)
        eos = model.generation_config.eos_token_id
        eos = eos if isinstance(eos, list) else [eos]
        answers = []
        for i, row in enumerate(out.sequences.tolist()):
            new = row[1 if seq2seq else ids.shape[1]:]
            ends = [n for n, id in enumerate(new) if id in eos]
            answers.append(dict(ids=new[: ends[0] + 1] if ends else new))
            if out.get("sequences_scores") is not None: answers[-1]["score"] = out.sequences_scores[i].item()
        return answers
    answers = generate()
    for seed in range(5):
        with Shaken(model, seed):
            if [a["ids"] for a in generate()] != [a["ids"] for a in answers]: return None
    return answers


cases = []
def case(name, generation, options=None, arguments=(), text=0, config=None):
    """`generation` replaces the model's generation_config.json (None for no file), `config` changes its config.json."""
    text = TEXTS[name][text]
    with tempfile.TemporaryDirectory() as folder:
        for file in os.listdir(os.path.join(HERE, name)):
            if file != "generation_config.json": shutil.copy(os.path.join(HERE, name, file), folder)
        path = os.path.join(folder, "config.json")
        whole = json.load(open(path)) | (config or {})
        json.dump(whole, open(path, "w"))
        if generation is not None: json.dump(generation, open(os.path.join(folder, "generation_config.json"), "w"))
        one = dict(model=name, text=text, generation=None if generation is None else json.dumps(generation), config=config or {}, arguments=list(arguments))
        try:
            answers = run(folder, name, text, dict(options or {}))
        except Exception as error:
            print("refused:", generation, str(error)[:90].replace("\n", " "))
            cases.append(one | dict(refused=True))
            return
    if answers is None: print("dropped:", generation, options)
    else: cases.append(one | dict(answers=answers))


# Without the n-gram limit the encoder-decoder model repeats the same id.
START = {"causal": {}, "encoder-decoder": dict(decoder_start_token_id=0, no_repeat_ngram_size=1)}
def made(name, text=0):
    """Ids that the model generates, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(os.path.join(HERE, name), folder, dirs_exist_ok=True)
        json.dump(dict(do_sample=False, max_new_tokens=12) | START[name], open(os.path.join(folder, "generation_config.json"), "w"))
        return run(folder, name, TEXTS[name][text], {})[0]["ids"]


for name in TEXTS:
    start = START[name]
    g, m = dict(do_sample=False, **start), made(name)
    print(name, m)
    long = 12 if name == "causal" else 7
    size = 320 if name == "causal" else json.load(open(os.path.join(HERE, name, "config.json")))["vocab_size"]
    # Lengths.
    case(name, g | dict(max_length=long))
    case(name, g | dict(max_length=long, max_new_tokens=3))
    case(name, g | dict(max_length=long), dict(max_new_tokens=2), ["-n", "2"])
    case(name, g | dict(max_length=long + 3, eos_token_id=m[2]))
    case(name, g | dict(max_length=long + 3, min_length=long + 1, eos_token_id=m[2]))
    case(name, g | dict(max_length=long + 3, min_new_tokens=4, min_length=1, eos_token_id=m[2]))
    case(name, g | dict(max_length=long + 3, min_length=-2, min_new_tokens=-1, eos_token_id=m[2]))
    case(name, g | dict(max_length=1))
    case(name, g | dict(max_length=long, num_beams=3, num_return_sequences=2))
    case(name, g | dict(max_length=long, num_beams=2, num_return_sequences=3))
    case(name, None, dict(max_new_tokens=6), ["-n", "6", "--temperature", "0"])
    case(name, None, None, ["--temperature", "0"], config=dict(max_length=long, do_sample=False, **start))
    # Start and end ids.
    for value in (-1, 9999, [m[3], -5], True, float(m[2])): case(name, g | dict(max_new_tokens=6, eos_token_id=value))
    case(name, g | dict(max_new_tokens=6))
    case(name, g | dict(max_new_tokens=6, eos_token_id=None), config=dict(eos_token_id=m[2]))
    case(name, None, dict(max_new_tokens=6), ["-n", "6", "--temperature", "0"], config=dict(eos_token_id=m[2]))
    for value in (-1, 9999, True, 1.5): case(name, g | dict(max_new_tokens=4, pad_token_id=value))
    for value in (-1, 9999): case(name, g | dict(max_new_tokens=4, bos_token_id=value))
    # Forced and forbidden ids.
    for value in ([[]], [[m[1]], []], [[m[1]], [m[0], m[1]]], [[m[1]]] * 2, [[9999]], [[m[2], 9999]], [[-1]], [[m[2]]]):
        case(name, g | dict(max_new_tokens=5, bad_words_ids=value, eos_token_id=m[2]))
    case(name, g | dict(max_new_tokens=5, bad_words_ids=[list(range(2, 40))]))
    for value in ([-1, m[0]], [9999], []): case(name, g | dict(max_new_tokens=4, suppress_tokens=value))
    for value in ([-1, m[0]], [9999]): case(name, g | dict(max_new_tokens=4, begin_suppress_tokens=value))
    for value in (7, [7, 9], 9999, -1): case(name, g | dict(max_new_tokens=4, forced_eos_token_id=value))
    for value in (7, -1, 9999): case(name, g | dict(max_new_tokens=4, forced_bos_token_id=value))
    case(name, g | dict(max_new_tokens=4, forced_bos_token_id=7, suppress_tokens=[7]))
    # Processors.
    for value in (1.5, 4.0, 0.5, 1.0):
        case(name, g | dict(max_new_tokens=6, encoder_repetition_penalty=value))
        case(name, g, dict(max_new_tokens=6, encoder_repetition_penalty=value), ["-n", "6", "--encoder-repetition-penalty", str(value)], text=1)
        case(name, g | dict(max_new_tokens=6, encoder_repetition_penalty=value, repetition_penalty=1.3, num_beams=3))
    for value in (1, 2, 3, 50, 0, -1):
        case(name, g | dict(max_new_tokens=6, encoder_no_repeat_ngram_size=value, encoder_repetition_penalty=3.0))
        if value >= 0:
            case(name, g, dict(max_new_tokens=6, encoder_no_repeat_ngram_size=value), ["-n", "6", "--encoder-no-repeat-ngram-size", str(value)], text=1)
    for value in ([[[m[0]], -9.5]], [[[m[0], m[1]], -50.0]], [[[m[0]], -9.5], [[m[0]], 3.0]], [[[5], 30.0], [[5, 5], -40.0], [[5, 5, 5], 20.0]],
                  [[[], 1.0]], [[[9999], 1.0]], [[[m[1], 9999], 1.0]], [[[m[1], m[2]], float("-inf")]], [[[m[0]], 2.5], [[9, m[0]], 1.0]]):
        case(name, g | dict(max_new_tokens=6, sequence_bias=value))
        case(name, g | dict(max_new_tokens=6, sequence_bias=value, num_beams=3, renormalize_logits=True, repetition_penalty=1.2))
    case(name, g, dict(max_new_tokens=6, sequence_bias=[[[m[0], m[1]], -50.0], [[m[2]], -4.25]]),
         ["-n", "6", "--sequence-bias", f"{m[0]},{m[1]}=-50", "--sequence-bias", f"{m[2]}=-4.25"])
    for start_at, factor in ((1, 1.5), (0, 50.0), (2, 1.05), (-3, 3.0), (1, -2.0), (3, 1)):
        for eos in ([7], [9, 11]):
            case(name, g | dict(max_new_tokens=9, exponential_decay_length_penalty=[start_at, factor], eos_token_id=eos))
            case(name, g | dict(max_new_tokens=9, exponential_decay_length_penalty=[start_at, factor], eos_token_id=eos, num_beams=3))
    case(name, g | dict(max_new_tokens=9, eos_token_id=7), dict(exponential_decay_length_penalty=(2, 4.0)),
         ["--exponential-decay-length-penalty", "2,4"])
    case(name, g | dict(max_new_tokens=9, exponential_decay_length_penalty=[1, 1.5], eos_token_id=9999))
    for beams in (2, 4):
        for more in ({}, dict(repetition_penalty=1.5), dict(encoder_repetition_penalty=2.0, no_repeat_ngram_size=2), dict(suppress_tokens=m[:2])):
            case(name, g | dict(max_new_tokens=6, num_beams=beams, num_return_sequences=beams, renormalize_logits=True, eos_token_id=7, **more))
    case(name, g, dict(max_new_tokens=6, num_beams=3, renormalize_logits=True, repetition_penalty=1.5),
         ["-n", "6", "--num-beams", "3", "--renormalize-logits", "--repeat-penalty", "1.5"])
    # Explicit nulls mean the defaults of transformers.
    names = [k for k in GenerationConfig().to_dict() if k not in ("do_sample", "transformers_version")]
    case(name, {k: None for k in names} | g | dict(max_new_tokens=5))
    case(name, g | dict(max_new_tokens=4, top_k=-1, temperature=0.0, top_p=7.0, num_return_sequences=0))
for value in (-1, 9999): case("encoder-decoder", dict(do_sample=False, max_new_tokens=4, decoder_start_token_id=value))
case("encoder-decoder", dict(do_sample=False, max_new_tokens=4, bos_token_id=5))
case("encoder-decoder", dict(do_sample=False, max_new_tokens=4, bos_token_id=5, decoder_start_token_id=6))
case("encoder-decoder", None, dict(max_new_tokens=4), ["-n", "4", "--temperature", "0"], config=dict(decoder_start_token_id=None, bos_token_id=5))

source = inspect.getsource(GenerationConfig.__init__)
keys = sorted(set(GenerationConfig().to_dict()) | set(re.findall(r'kwargs\.(?:pop|get)\("(\w+)"', source)) - {"kwargs"})
def rounded(o):
    if isinstance(o, float) and o == o and abs(o) != float("inf"): return float(f"{o:.8g}")
    if isinstance(o, dict): return {k: rounded(v) for k, v in o.items()}
    if isinstance(o, (list, tuple)): return [rounded(v) for v in o]
    return o
path = os.path.join(HERE, "configurations.json")
lines = ",\n".join(json.dumps(rounded(c), separators=(",", ":"), ensure_ascii=False) for c in cases)
open(path, "w").write('{"transformers":%s,\n"keys":%s,\n"cases":[\n%s\n]}\n' % (json.dumps(transformers.__version__), json.dumps(keys), lines))
print(len(cases), "cases,", sum("refused" in c for c in cases), "refused,", os.path.getsize(path), "bytes, transformers", transformers.__version__)
