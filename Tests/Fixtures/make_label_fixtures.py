#!/usr/bin/env python3
"""Makes the fixtures of models with a classification head: their logits by transformers, and the answers of its pipelines.

Run after make_fixtures.py and make_masked_fixtures.py. Needs torch, transformers 5.24 and safetensors; the output is the
same in every run.

    python3 Tests/Fixtures/make_label_fixtures.py

`models/NAME-texts` and `models/NAME-tokens` have `reference.safetensors` beside the weights: `ids`, `types` where the
model reads sentence types, and `logits`, in double precision. `labels/NAME` are complete folders with a tokenizer;
`labels/expected.json` has what the pipelines say of some texts, with offsets in bytes.
"""

import json
import os
import pathlib
import shutil
import warnings
import zlib

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, processors
from transformers import PreTrainedTokenizerFast, pipeline

import make_fixtures
import make_masked_fixtures
from make_fixtures import HERE, random_weights, write_weights

ROOT = pathlib.Path(__file__).parent
LABELS = ROOT / "labels"
NAMES = {
    "albert": "Albert",
    "bert": "Bert",
    "distilbert": "DistilBert",
    "electra": "Electra",
    "gemma2": "Gemma2",
    "gemma3_text": "Gemma3Text",
    "gpt2": "GPT2",
    "llama": "Llama",
    "mistral": "Mistral",
    "modernbert": "ModernBert",
    "olmo2": "Olmo2",
    "phi3": "Phi3",
    "qwen2": "Qwen2",
    "qwen3": "Qwen3",
    "roberta": "Roberta",
    "xlm-roberta": "XLMRoberta",
}
HEADS = {"texts": "ForSequenceClassification", "tokens": "ForTokenClassification"}
SMALL = {"vocab_size": 41, "max_position_embeddings": 24}
WIDE = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 12}
SIZES = {
    "distilbert": SMALL | {"dim": 8, "n_layers": 1, "n_heads": 2, "hidden_dim": 12},
    "gpt2": {"vocab_size": 41, "n_positions": 24, "n_embd": 8, "n_layer": 1, "n_head": 2},
    "llama": SMALL | WIDE | {"pad_token_id": 0},
    "modernbert": SMALL
    | WIDE
    | {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2},
    "albert": SMALL | WIDE | {"embedding_size": 6},
    "electra": SMALL | WIDE | {"embedding_size": 6},
}
# Decoders with their padding id, which is a default where SIZES lacks it.
PADDINGS = {"gemma2": 0, "gemma3_text": 0, "llama": 0, "mistral": 0, "olmo2": 1, "phi3": 0, "qwen2": 0, "qwen3": 0}
for decoder in ("gemma2", "gemma3_text", "olmo2"):
    SIZES[decoder] = SMALL | WIDE | {"num_key_value_heads": 1, "head_dim": 4}
for decoder in ("mistral", "phi3", "qwen2", "qwen3"):
    SIZES[decoder] = SMALL | WIDE | {"num_key_value_heads": 1, "head_dim": 4, "pad_token_id": 0}
# Architectures that read sentence types.
TYPED = {"albert", "bert", "electra"}


def classes(kind, head):
    config = transformers.AutoConfig.for_model(kind).__class__
    name = NAMES[kind] + HEADS[head]
    return name, config, getattr(transformers, name)


def weights(name, kind, head, config):
    """Random weights of a model with a head."""
    _, config_class, model_class = classes(kind, head)
    make_fixtures.CLASSES[kind] = (config_class, model_class)
    state = random_weights(name, config)
    return {key: 1 + value if key.endswith("norm.weight") and kind == "modernbert" else value for key, value in state.items()}


def golden(kind, head, suffix="", padding=None, **more):
    """A model of one layer, and its logits for one text."""
    name = f"{kind.removesuffix('_text')}-{head}{suffix}"
    folder = f"{HERE}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    class_name, _, model_class = classes(kind, head)
    config = {"model_type": kind, "architectures": [class_name]} | SIZES.get(kind, SMALL | WIDE) | more
    with open(f"{folder}/config.json", "w") as file:
        json.dump(config, file, indent=1)
    write_weights(folder, {key: value.contiguous() for key, value in weights(name, kind, head, config).items()}, 1)
    model, report = model_class.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not report["missing_keys"] and not report["mismatched_keys"], report
    model = model.double().eval()
    ids = torch.randint(3, 41, (11,), generator=torch.Generator().manual_seed(zlib.crc32(name.encode())))
    if padding is not None:
        ids[-3:] = padding
    out, inputs = {"ids": ids}, {"input_ids": ids[None]}
    if kind in TYPED:
        out["types"] = torch.tensor([0] * 6 + [1] * 5)
        inputs["token_type_ids"] = out["types"][None]
    with torch.no_grad():
        out["logits"] = model(**inputs).logits[0].reshape(1 if head == "texts" else len(ids), -1)
    save_file({key: value.float().contiguous() for key, value in out.items()}, f"{folder}/reference.safetensors")


def three(*names):
    return {"id2label": {str(index): name for index, name in enumerate(names)}}


def goldens():
    for kind in NAMES:
        if kind != "modernbert":
            # Labels are read from the last token that is not padding.
            golden(kind, "texts", padding=PADDINGS.get(kind), **three("bad", "fair", "good"))
        if kind in ("gemma2", "llama", "phi3") or kind not in PADDINGS:
            golden(kind, "tokens", **three("O", "B-X", "I-X"))
    golden("modernbert", "texts", classifier_pooling="mean", classifier_activation="tanh", classifier_bias=True)
    golden("modernbert", "texts", "-first", norm_bias=True)


ENTITIES = three("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "MISC")
TEXTS = [
    "Tom lives in Paris, and the king in a little boat.",
    "Comment allez-vous, Müller?  La mer  est calme à Köln \U0001f600 ok.",
    "daughter",
]
PAIRS = [("Hello, my name is Tom.", "The capital of France is Paris."), ("a", ""), ("Köln", "The  sea!")]
STRATEGIES = ["none", "simple", "first", "average", "max"]


def word_pieces(*inputs):
    """The masked model's tokenizer. Its class gives no sentence types unless `inputs` name them."""
    names = {"model_input_names": ["input_ids", *inputs, "attention_mask"]} if inputs else {}
    return PreTrainedTokenizerFast.from_pretrained(ROOT / "program" / "masked", **names)


def byte_pairs():
    """The causal tokenizer with RoBERTa's frame."""
    tokenizer = Tokenizer.from_file(str(ROOT / "program" / "causal" / "tokenizer.json"))
    tokenizer.add_special_tokens(["<s>", "</s>", "<pad>"])
    first, last = tokenizer.token_to_id("<s>"), tokenizer.token_to_id("</s>")
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", last), ("<s>", first), add_prefix_space=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>",
        pad_token="<pad>", unk_token="<|endoftext|>", model_input_names=["input_ids", "attention_mask"])


def folder(name, kind, head, tokenizer, seed, **more):
    """A folder with random weights, wide enough that labels differ from token to token."""
    path = LABELS / name
    shutil.rmtree(path, ignore_errors=True)
    class_name, config_class, model_class = classes(kind, head)
    config = {"vocab_size": len(tokenizer), "max_position_embeddings": 64} | WIDE
    # RoBERTa's position table must reach beyond the id of padding.
    config |= {"pad_token_id": 1 if kind == "roberta" else tokenizer.pad_token_id} | more
    torch.manual_seed(seed)
    model = model_class(config_class(**config)).eval()
    with torch.no_grad():
        for key, weight in model.named_parameters():
            is_norm = "LayerNorm.weight" in key
            weight.normal_(1 if is_norm else 0, 0.2 if weight.dim() < 2 else 1)
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return str(path)


def entities(text, found):
    return [
        {
            "label": entity.get("entity", entity.get("entity_group")),
            "score": float(entity["score"]),
            "word": entity["word"],
            "start": len(text[: entity["start"]].encode()),
            "end": len(text[: entity["end"]].encode()),
        }
        for entity in found
    ]


def tagger(name, kind, tokenizer):
    """The first seed for which the strategies give different results and some tokens are joined."""
    for seed in range(1000):
        path = folder(name, kind, "tokens", tokenizer, seed, **ENTITIES)
        expected = {
            text: {
                strategy: entities(text, pipeline("token-classification", model=path, aggregation_strategy=strategy)(text))
                for strategy in STRATEGIES
            }
            for text in TEXTS
        }
        shown = [json.dumps([expected[text][strategy] for text in TEXTS]) for strategy in STRATEGIES]
        joined = any(len(expected[text]["simple"]) + 2 < len(expected[text]["none"]) for text in TEXTS)
        if len(set(shown)) == 5 and joined:
            return expected
    raise AssertionError("no seed will do")


def classifier(name, kind, tokenizer, seed, pairs=(), **more):
    path = folder(name, kind, "texts", tokenizer, seed, **more)
    classify = pipeline("text-classification", model=path, top_k=None)
    model = classify.model
    cases = []
    for text, pair in [(text, None) for text in TEXTS] + list(pairs):
        given = text if pair is None else {"text": text, "text_pair": pair}
        inputs = tokenizer(text, pair, return_tensors="pt")
        with torch.no_grad():
            logits = model(**inputs).logits[0]
        labels = classify([given])[0]
        names = {name: index for index, name in model.config.id2label.items()}
        cases.append(
            {"text": text, "pair": pair, "tokens": inputs.input_ids.shape[1]}
            | {"labels": [label | {"logit": logits[names[label["label"]]].item()} for label in labels]}
        )
    return cases


def pipelines():
    LABELS.mkdir(exist_ok=True)
    words, bytes = word_pieces(), byte_pairs()
    expected = {
        "tokens": {
            "word-pieces-tokens": tagger("word-pieces-tokens", "bert", words),
            "bytes-tokens": tagger("bytes-tokens", "roberta", bytes),
        },
        "texts": {
            "word-pieces-texts": classifier(
                "word-pieces-texts", "bert", word_pieces("token_type_ids"), 1, PAIRS,
                **three("no", "perhaps", "yes")),
            "untyped": classifier("untyped", "bert", words, 5, PAIRS, **three("no", "perhaps", "yes")),
            "bytes-texts": classifier(
                "bytes-texts", "roberta", bytes, 2, PAIRS, problem_type="multi_label_classification",
                **three("fast", "far", "free")),
            "quantity": classifier("quantity", "distilbert", words, 3, problem_type="regression", hidden_dim=12, **three("stars")),
            "single": classifier("single", "distilbert", words, 4, hidden_dim=12, **three("spam")),
        },
    }
    (LABELS / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    goldens()
    pipelines()
