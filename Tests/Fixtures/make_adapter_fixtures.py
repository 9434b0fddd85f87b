#!/usr/bin/env python3
"""Makes Tests/Fixtures/adapters: adapters as PEFT writes them, and the logits of their models.

Run after make_program_fixtures.py. Needs torch, transformers 5.24 and peft; the output is the same at every run.

    python3 Tests/Fixtures/make_adapter_fixtures.py

causal: LoRA of two ranks on the layers of program/causal (whose files have inputs x outputs).
dora: DoRA with the scale of rsLoRA on the same model. second: LoRA on other layers, whose base is the folder causal.
classifier: LoRA on program/masked with a classification head of three labels. logits.json: for each the
logits of the last position, or of the labels; `stacked` is second on causal.
"""

import json
import os
import shutil

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "adapters")
CAUSAL = os.path.join(HERE, "program", "causal")
MASKED = os.path.join(HERE, "program", "masked")
IDS = [5, 17, 30, 8, 44, 3]


def randomize(model):
    """Gives the adapters values, so that they change the output."""
    generator = torch.Generator().manual_seed(7)
    for name, parameter in sorted(model.named_parameters()):
        if not parameter.requires_grad:
            continue
        scale = 0.3 if parameter.dim() > 1 else 0.1
        with torch.no_grad():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * scale)


def save(model, name, base):
    path = os.path.join(FOLDER, name)
    shutil.rmtree(path, ignore_errors=True)
    model.save_pretrained(path)
    os.remove(os.path.join(path, "README.md"))
    file = os.path.join(path, "adapter_config.json")
    with open(file) as source:
        configuration = json.load(source)
    configuration["base_model_name_or_path"] = base
    for key, value in configuration.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            configuration[key] = sorted(value)
    with open(file, "w") as target:
        json.dump(configuration, target, indent=2, sort_keys=True)
        target.write("\n")
    return path


def last(model):
    with torch.no_grad():
        return model(torch.tensor([IDS])).logits[0, -1].tolist()


def main():
    os.makedirs(FOLDER, exist_ok=True)
    logits = {}

    base = AutoModelForCausalLM.from_pretrained(CAUSAL).eval()
    logits["base"] = last(base)
    first = get_peft_model(
        base,
        LoraConfig(
            r=3,
            lora_alpha=6,
            target_modules=["c_attn", "c_proj"],
            rank_pattern={"h.0.attn.c_proj": 2},
            alpha_pattern={"c_attn": 5},
            fan_in_fan_out=True,
            task_type="CAUSAL_LM",
            init_lora_weights=False,
        ),
    )
    randomize(first)
    first.eval()
    logits["causal"] = last(first)
    save(first, "causal", "../../program/causal")

    merged = first.merge_and_unload()
    second = get_peft_model(
        merged,
        LoraConfig(r=2, lora_alpha=4, target_modules=["c_fc"], fan_in_fan_out=True, task_type="CAUSAL_LM"),
    )
    randomize(second)
    second.eval()
    logits["stacked"] = last(second)
    save(second, "second", "../causal")

    base = AutoModelForCausalLM.from_pretrained(CAUSAL).eval()
    dora = get_peft_model(
        base,
        LoraConfig(
            r=2,
            lora_alpha=4,
            target_modules=["c_attn", "c_fc"],
            use_dora=True,
            use_rslora=True,
            fan_in_fan_out=True,
            task_type="CAUSAL_LM",
        ),
    )
    randomize(dora)
    dora.eval()
    logits["dora"] = last(dora)
    save(dora, "dora", "../../program/causal")

    torch.manual_seed(3)
    base = AutoModelForSequenceClassification.from_pretrained(MASKED, num_labels=3).eval()
    classifier = get_peft_model(
        base,
        LoraConfig(
            r=2, lora_alpha=4, target_modules=["query", "value"], modules_to_save=["pooler"], task_type="SEQ_CLS"
        ),
    )
    randomize(classifier)
    classifier.eval()
    with torch.no_grad():
        logits["classifier"] = classifier(torch.tensor([IDS])).logits[0].tolist()
    save(classifier, "classifier", "../../program/masked")

    with open(os.path.join(FOLDER, "logits.json"), "w") as file:
        json.dump({"ids": IDS, "logits": logits}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
