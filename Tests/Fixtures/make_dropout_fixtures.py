#!/usr/bin/env python3
"""Makes Tests/Fixtures/dropout: the gradients that PyTorch computes with the program's own dropout masks.

Run after the scripts that make Tests/Fixtures/models and Tests/Fixtures/gradients. Needs torch, transformers 5.24 and
safetensors; the output is the same at every run.

    python3 Tests/Fixtures/make_dropout_fixtures.py

NAME.safetensors: for the sequences of gradients/NAME.safetensors, with the text's number as that of the sequence:
`probability.KEY` for each key of the configuration, `loss`, and every seventh element of the gradient of each tensor.
Masks are those of `DropoutMask` (Sources/Tensors) and `PassDropout` (Sources/Models), written here a second time. The
transformers classes call `dropout` in a fixed order; PLACES names the place of each call.
"""

import os
import shutil

import numpy
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSeq2SeqLM

HERE = os.path.dirname(os.path.abspath(__file__))
SEED, STEP = 7, 3

# The numbers of DropoutPlace.
NUMBERS = {
    name: number
    for number, name in enumerate(
        ["embedding", "attention", "cross", "attentionOutput", "crossOutput", "activation", "feedForwardOutput"]
        + ["stackOutput", "textHeadInput", "textHead", "tokenHead"]
    )
}


def stack(name, layer, depth, *, embedding=True, output=False):
    places = [(name, 0, "embedding")] if embedding else []
    places += [(name, index, place) for index in range(depth) for place in layer]
    # What follows the last layer has its number.
    return places + ([(name, 0, "stackOutput")] if output else [])


SUBLAYERS = ["attention", "attentionOutput", "feedForwardOutput"]
BART = ["attention", "attentionOutput", "activation", "feedForwardOutput"]
BART_DECODER = ["attention", "attentionOutput", "cross", "crossOutput", "activation", "feedForwardOutput"]
DECODERS = {"gpt2", "gpt_neo", "gpt_neox", "phi3", "opt"}


def places(config):
    kind, depth = config.model_type, config.num_hidden_layers
    if kind in DECODERS:
        return stack("decoder", SUBLAYERS, depth, embedding=kind not in {"opt", "phi3"})
    if kind in {"bert", "roberta", "electra"}:
        return stack("encoder", SUBLAYERS, depth)
    if kind == "albert":
        return stack("encoder", ["attention", "attentionOutput"], depth * config.inner_group_num)
    if kind == "distilbert":
        return stack("encoder", ["attention", "feedForwardOutput"], depth)
    if kind == "modernbert":
        return stack("encoder", ["attention", "attentionOutput", "activation"], depth)
    if kind in {"t5", "mt5", "umt5"}:
        return stack("encoder", BART, config.num_layers, output=True) + stack(
            "decoder", BART_DECODER, config.num_decoder_layers, output=True
        )
    if kind in {"bart", "mbart", "marian", "m2m_100"}:
        return stack("encoder", BART, config.encoder_layers) + stack("decoder", BART_DECODER, config.decoder_layers)
    return stack("decoder", ["attention"], depth, embedding=False)


# The keys that set dropout at the places above.
KEYS = {
    "gpt2": ["embd_pdrop", "attn_pdrop", "resid_pdrop"],
    "gpt_neo": ["embed_dropout", "attention_dropout", "resid_dropout"],
    "gpt_neox": ["hidden_dropout", "attention_dropout"],
    "phi3": ["resid_pdrop", "attention_dropout"],
    "opt": ["dropout", "attention_dropout"],
    "distilbert": ["dropout", "attention_dropout"],
    "modernbert": ["embedding_dropout", "attention_dropout", "mlp_dropout"],
}
KEYS |= {kind: ["hidden_dropout_prob", "attention_probs_dropout_prob"] for kind in ("bert", "roberta", "electra", "albert")}
KEYS |= {kind: ["dropout_rate"] for kind in ("t5", "mt5", "umt5")}
KEYS |= {kind: ["dropout", "attention_dropout", "activation_dropout"] for kind in ("bart", "mbart", "marian", "m2m_100")}

M64 = (1 << 64) - 1


def mixed(z):
    """The finalizer of SplitMix64."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & M64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & M64
    return z ^ (z >> 31)


def chained(key, *numbers):
    for number in numbers:
        key = mixed(key ^ mixed((number + 0x6A09E667F3BCC909) & M64))
    return key


def words(x):
    """The finalizer of MurmurHash3."""
    x = x ^ (x >> numpy.uint32(16))
    x = x * numpy.uint32(0x85EBCA6B)
    x = x ^ (x >> numpy.uint32(13))
    x = x * numpy.uint32(0xC2B2AE35)
    return x ^ (x >> numpy.uint32(16))


def kept(key, count, probability):
    x = numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(0x9E3779B9) + numpy.uint32(key & 0xFFFFFFFF)
    return words(words(x) ^ numpy.uint32(key >> 32)) >= numpy.uint32(int(probability * 2**32))


def mask(shape, place, text, probability):
    """The factors of a tensor `[1, rows, width]`, or of probabilities `[1, heads, queries, keys]`."""
    name, layer, kind = place
    step = chained(mixed((SEED + 0x9E3779B97F4A7C15) & M64), 6, STEP)
    # A source is text 0 of a pass of its own, if the model has a decoder too.
    key = chained(step, *text[name])
    number = (layer * 2 + (0 if name == "encoder" else 1)) << 8 | NUMBERS[kind]
    rows = [chained(key, row, number) for row in range(shape[-2])]
    if len(shape) == 3:
        keeps = numpy.stack([kept(row, shape[-1], probability) for row in rows])
    else:
        keeps = numpy.stack(
            [[kept(chained(row, head), shape[-1], probability) for row in rows] for head in range(shape[1])]
        )
    return torch.from_numpy(keeps[None]) / (1 - probability)


def gradients(name):
    folder = f"{HERE}/models/{name}"
    config = AutoConfig.from_pretrained(folder)
    probabilities = {key: 0.1 * (number + 1) for number, key in enumerate(KEYS.get(config.model_type, ["attention_dropout"]))}
    for key, value in probabilities.items():
        setattr(config, key, value)
    for key in ("encoder_layerdrop", "decoder_layerdrop", "layerdrop"):
        setattr(config, key, 0.0)
    names = {name for name, *_ in places(config)}
    kind = AutoModelForSeq2SeqLM if len(names) == 2 else AutoModelForCausalLM if names == {"decoder"} else AutoModelForMaskedLM
    model = kind.from_pretrained(folder, config=config, dtype=torch.float32, attn_implementation="eager")
    model.config.reorder_and_upcast_attn = False
    for module in model.modules():
        if hasattr(module, "reorder_and_upcast_attn"):
            module.reorder_and_upcast_attn = False
    model = model.double().train()
    buffers = {key: value.requires_grad_() for key, value in model.named_buffers() if key == "final_logits_bias"}
    given, losses = load_file(f"{HERE}/gradients/{name}.safetensors"), []
    original = torch.nn.functional.dropout
    for index in range(2):
        ids, wanted = given[f"{index}.ids"], given[f"{index}.wanted"].long()
        inputs = {"input_ids": ids.long()[None]}
        if f"{index}.source" in given:
            inputs = {"input_ids": given[f"{index}.source"].long()[None], "decoder_input_ids": ids.long()[None]}
        has_source = f"{index}.source" in given
        text = {"decoder": (index,), "encoder": (index, 0) if has_source else (index,)}
        calls = iter(places(config))

        def dropout(x, p=0.5, training=True, inplace=False):
            # OPT joins the axes of texts and rows.
            shape = x.shape if x.dim() > 2 else (1, *x.shape)
            return x * mask(shape, next(calls), text, p).reshape(x.shape) if p > 0 else x

        torch.nn.functional.dropout = dropout
        logits = model(**inputs).logits[0][wanted]
        torch.nn.functional.dropout = original
        assert next(calls, None) is None, f"{name}: fewer calls than places"
        targets = given[f"{index}.targets"].long()
        losses.append(torch.nn.functional.cross_entropy(logits, targets, reduction="none"))
    loss = torch.cat(losses).mean()
    loss.backward()
    out = {f"probability.{key}": torch.tensor(value) for key, value in probabilities.items()}
    out["loss"] = loss.detach().float()
    parameters = dict(model.named_parameters(remove_duplicate=False)) | buffers
    for key in load_file(f"{folder}/model.safetensors"):
        if parameters[key].grad is not None:
            out[f"gradient.{key}"] = parameters[key].grad.float().flatten()[::7].contiguous()
    save_file(out, f"{HERE}/dropout/{name}.safetensors")


if __name__ == "__main__":
    shutil.rmtree(f"{HERE}/dropout", ignore_errors=True)
    os.makedirs(f"{HERE}/dropout")
    for file in sorted(os.listdir(f"{HERE}/gradients")):
        gradients(file.removesuffix(".safetensors"))
