#!/usr/bin/env python3
"""Makes Tests/Fixtures/preference: a run on preferences (DPO) with PyTorch on program/causal, and conversations.

Run after make_program_fixtures.py. Needs torch and transformers 5.24; the output is the same at every run.

    python3 Tests/Fixtures/make_preference_fixtures.py

pairs.jsonl: prompts with a chosen and a rejected answer, which are one batch. losses.json: `losses`, the loss of every
step before it, with beta 0.2 and otherwise as in make_training_fixtures.py, and `margins`, beta times the margin of each
pair at the end. chat_template.jinja, marked_template.jinja: a template without and with `generation` blocks.
chats.jsonl: conversations; masks.json: their ids and the positions that the assistant writes, by transformers.
"""

import json
import os

import torch
from make_training_fixtures import train
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "preference")
CAUSAL = os.path.join(HERE, "program", "causal")
torch.set_num_threads(1)
BETA = 0.2
PAIRS = [
    ("the cat", " sat on the mat", " ran"),
    ("it was late when", " she came home", " he said that it would rain on the day after"),
    ("rain", " on the door", " cat dog mat"),
    ("a small dog", " ran and ran", " closed"),
]
PLAIN = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
MARKED = (
    "{% for message in messages %}{{ message['role'] }}: {% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] }}{% endgeneration %}{% else %}{{ message['content'] }}{% endif %}\n"
    "{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
)
CHATS = [
    [("user", "the cat sat"), ("assistant", "on the mat")],
    [("system", "be short"), ("user", "rain"), ("assistant", "it was late"), ("user", "a dog"), ("assistant", "ran")],
]


def side(tokenizer, prompt, answer):
    before = tokenizer(prompt)["input_ids"]
    after = tokenizer(answer, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
    return before, after


def log_probability(model, before, after):
    ids = torch.tensor([before + after])
    rows = torch.log_softmax(model(ids).logits[0], -1)
    return sum(rows[len(before) + index - 1, token] for index, token in enumerate(after))


def preferences():
    tokenizer = AutoTokenizer.from_pretrained(CAUSAL)
    model = AutoModelForCausalLM.from_pretrained(CAUSAL, dtype=torch.float32, attn_implementation="eager")
    reference = AutoModelForCausalLM.from_pretrained(CAUSAL, dtype=torch.float32, attn_implementation="eager").eval()
    sides = [(side(tokenizer, p, c), side(tokenizer, p, r)) for p, c, r in PAIRS]

    def difference(model, pair):
        return log_probability(model, *pair[0]) - log_probability(model, *pair[1])

    with torch.no_grad():
        start = [difference(reference, pair) for pair in sides]

    def margins():
        return [BETA * (difference(model, pair) - before) for pair, before in zip(sides, start)]

    def loss_of(_):
        return sum(-torch.nn.functional.logsigmoid(margin) for margin in margins()), len(sides)

    losses = train(model, loss_of, rate=2e-4)
    with torch.no_grad():
        end = [margin.item() for margin in margins()]
    with open(os.path.join(FOLDER, "losses.json"), "w") as file:
        json.dump({"losses": losses, "margins": end}, file)
        file.write("\n")
    with open(os.path.join(FOLDER, "pairs.jsonl"), "w") as file:
        for prompt, chosen, rejected in PAIRS:
            file.write(json.dumps({"prompt": prompt, "chosen": chosen, "rejected": rejected}) + "\n")


def conversations():
    tokenizer = AutoTokenizer.from_pretrained(CAUSAL)
    for name, text in [("chat_template", PLAIN), ("marked_template", MARKED)]:
        with open(os.path.join(FOLDER, name + ".jinja"), "w") as file:
            file.write(text)
    masks = []
    with open(os.path.join(FOLDER, "chats.jsonl"), "w") as file:
        for chat in CHATS:
            messages = [{"role": role, "content": content} for role, content in chat]
            file.write(json.dumps({"messages": messages}) + "\n")
            found = tokenizer.apply_chat_template(
                messages, chat_template=MARKED, return_dict=True, return_assistant_tokens_mask=True
            )
            mask = [index for index, counts in enumerate(found["assistant_masks"]) if counts]
            masks.append({"ids": found["input_ids"], "positions": mask})
    with open(os.path.join(FOLDER, "masks.json"), "w") as file:
        json.dump(masks, file)
        file.write("\n")


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    preferences()
    conversations()
