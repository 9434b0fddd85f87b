#!/usr/bin/env python3
"""Makes Tests/Fixtures/gradients: the gradients that PyTorch computes for tiny models of Tests/Fixtures/models.

Run after make_fixtures.py. Needs torch, transformers 5.24 and safetensors; the output is the same at every run.

    python3 Tests/Fixtures/make_gradient_fixtures.py

NAME.safetensors: two sequences of different lengths, `0.…` and `1.…`: `ids` (of T5 the decoder's, with `source` for the
encoder), `wanted` (the positions whose logits count) and `targets` (one id each); `loss`, the mean cross-entropy over
all wanted positions; `gradient.NAME` for each tensor of the model's files. Computed in double precision, each sequence
on its own, without dropout.
"""

import os
import shutil

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig

from make_fixtures import CLASSES, result_size

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = (
    ["gpt2", "gpt2-untied", "bert", "bert-untied", "llama", "llama-wide", "llama-tied"]
    + ["t5", "t5-v1.1", "t5-scaled"]
)


# The kinds of models that see the text on both sides.
MASKED = {"bert"}


def sequences(kind, reference, padding=None):
    """Two parts of the reference's ids. For the second, only some logits are requested.

    transformers' embedding computes no gradient for the padding id, so the sequences are changed to contain none.
    """
    is_decoder = "decoder_ids" in reference
    ids = reference["decoder_ids" if is_decoder else "ids"].long()
    result = []
    for rows, wanted in ((slice(0, 11), range(11)), (slice(11, 17), (2, 4))):
        part = {"ids": ids[rows], "wanted": torch.tensor(list(wanted))}
        if kind in MASKED:
            part["wanted"] = part["wanted"][1::2]
        if is_decoder:
            part["source"] = reference["ids"].long()[rows][:-1]
        if padding is not None and kind != "t5":
            for name in {"ids", "source"} & set(part):
                part[name] = part[name] + (part[name] == padding)
        result.append(part)
    return result


def gradients(name):
    folder = f"{HERE}/models/{name}"
    kind = AutoConfig.from_pretrained(folder).model_type
    model = CLASSES[kind][1].from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    # The variant with upcast attention requires single precision; without upcasting, the same sum is computed in
    # double.
    model.config.reorder_and_upcast_attn = False
    for module in model.modules():
        if hasattr(module, "reorder_and_upcast_attn"):
            module.reorder_and_upcast_attn = False
    model = model.double().eval()
    buffers = {key: value.requires_grad_() for key, value in model.named_buffers() if key == "final_logits_bias"}
    out, losses = {}, []
    reference, padding = load_file(f"{folder}/reference.safetensors"), getattr(model.config, "pad_token_id", None)
    for index, part in enumerate(sequences(kind, reference, padding)):
        part["targets"] = (part["ids"][part["wanted"]] * 5 + 3) % result_size(model)
        inputs = {"input_ids": part["ids"][None]}
        if "source" in part:
            inputs = {"input_ids": part["source"][None], "decoder_input_ids": part["ids"][None]}
        logits = model(**inputs).logits[0][part["wanted"]]
        losses.append(torch.nn.functional.cross_entropy(logits, part["targets"], reduction="none"))
        out |= {f"{index}.{key}": value.float() for key, value in part.items()}
    loss = torch.cat(losses).mean()
    loss.backward()
    out["loss"] = loss.detach().float()
    parameters = dict(model.named_parameters(remove_duplicate=False)) | buffers
    for key in load_file(f"{folder}/model.safetensors"):
        # A tensor of the file without a gradient has no effect: the second name of an untied bias.
        if parameters[key].grad is not None:
            out[f"gradient.{key}"] = parameters[key].grad.float().contiguous()
    save_file(out, f"{HERE}/gradients/{name}.safetensors")


if __name__ == "__main__":
    shutil.rmtree(f"{HERE}/gradients", ignore_errors=True)
    os.makedirs(f"{HERE}/gradients")
    for name in NAMES:
        gradients(name)
