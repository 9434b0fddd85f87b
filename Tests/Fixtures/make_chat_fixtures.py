"""Makes the tiny model for the tests of chats, and dialogues with it by transformers.

    python make_chat_fixtures.py SHARED        (transformers 5.24, tokenizers, torch; run make_program_fixtures.py before)

SHARED is the folder of shared test data. `chat/model` is a GPT-2 with random weights and the tokenizer of
`program/causal` with the special tokens of several families. `chat/dialogues.json` has, for each template, the lines of
a dialogue and for each answer the ids of its prompt, as `apply_chat_template` makes them, and the ids that greedy search
finds. The templates of the tests' own stand in the file; of those in SHARED only the names. Answers have at most ANSWER
tokens and end with the template's end of a turn, which the model's configuration does not know.
"""

import json
import pathlib
import sys

import torch
from tokenizers import Tokenizer
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
SHARED = pathlib.Path(sys.argv[1]) / "chat-templates"
ANSWER = 10
MARGIN = 1e-3
SPECIAL = [
    "<|im_start|>", "<|im_end|>", "<s>", "</s>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>",
    "<|eot_id|>", "<bos>", "<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]", "<|user|>", "<|assistant|>",
    "<|system|>", "<|end|>", "<think>", "</think>",
]
# Templates in the manner of several families: with and without a system message, trimming, and one that leaves the
# reasoning of earlier answers out.
OWN = {
    "marks": {
        "end": "<|im_end|>",
        "template": "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    },
    "headers": {
        "end": "<|eot_id|>",
        "template": "<|begin_of_text|>{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
        "{{ m.content | trim }}<|eot_id|>{% endfor %}"
        "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}",
    },
    "turns": {
        "end": "<end_of_turn>",
        "template": "<bos>{% for m in messages %}{% if m.role == 'system' %}"
        "{{ raise_exception('no system messages') }}{% endif %}"
        "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}"
        "<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end_of_turn>\n"
        "{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}",
    },
    "thoughts": {
        "end": "<|im_end|>",
        "template": "{% for m in messages %}<|im_start|>{{ m.role }}\n"
        "{% if m.role == 'assistant' and m.reasoning_content and loop.last %}"
        "<think>\n{{ m.reasoning_content }}\n</think>\n\n{% endif %}{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    },
    "upper": {
        "end": "</s>",
        "template": "{% for m in messages %}{% if m.role == 'user' %}<s>[INST] {{ m.content }} [/INST]"
        "{% elif m.role == 'assistant' %} {{ m.content if loop.last else m.content | upper }}</s>"
        "{% endif %}{% endfor %}",
    },
}
PUBLISHED = {
    "chatml": "<|im_end|>", "cpp-Llama-3": "<|eot_id|>", "google-gemma-2-2b-it": "<end_of_turn>",
    "Qwen-Qwen3-0.6B": "<|im_end|>", "qwen2.5-instruct": "<|im_end|>", "hfjs-default-llama": "</s>",
    "cpp-Phi-3-mini": "<|end|>", "zephyr": "</s>",
}
# The tokens that templates read from the tokenizer.
VARIABLES = {"bos_token": "<s>", "eos_token": "</s>"}
LINES = [
    "Hello, my name is Tom.", "The king had a daughter.", "/retry", "/edit The capital of France is Paris.",
    "And the sea?", "/undo", "Good morning, the sea is calm.", "/continue", "Once upon a time",
    "/system Be calm.", "How are you?",
]


class TooNear(Exception):
    """Rounding could change the answer: another seed is needed."""


def make_model(seed):
    torch.manual_seed(seed)
    tokenizer = Tokenizer.from_file(str(HERE / "program" / "causal" / "tokenizer.json"))
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **VARIABLES)
    fast.add_special_tokens({"additional_special_tokens": SPECIAL})
    size = len(fast)
    model = GPT2LMHeadModel(GPT2Config(
        vocab_size=size, n_positions=640, n_embd=16, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0)).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.normal_(1 if "ln_" in name and name.endswith("weight") else 0, 1.5 if weight.dim() > 1 else 0.2)
        rows = model.transformer.wte.weight
        for id in range(size):
            text = fast.decode([id])
            # Answers are words and ends of turns.
            if id >= size - len(SPECIAL) or id == 0 or not text.isascii() or not text.isprintable():
                rows[id] *= 0.1
            if text in {"<|im_end|>", "<|eot_id|>", "<end_of_turn>", "</s>", "<|end|>"}:
                rows[id] = torch.empty(16).normal_(0, 2.2)
        for weight in model.parameters():
            weight.copy_(weight.half().float())
    folder = HERE / "chat" / "model"
    folder.mkdir(parents=True, exist_ok=True)
    fast.save_pretrained(folder)
    model.half().save_pretrained(folder)
    model.float()
    (folder / "generation_config.json").write_text('{"eos_token_id": 0, "max_new_tokens": %d}\n' % ANSWER)
    return fast, model


def answer(model, ids, ends):
    """The greedy answer: its ids, with the one that ends it."""
    made = []
    with torch.no_grad():
        while len(made) < ANSWER:
            logits = model(torch.tensor([ids + made])).logits[0, -1].double()
            best = logits.topk(2)
            if best.values[0] - best.values[1] < MARGIN:
                raise TooNear
            made.append(best.indices[0].item())
            if made[-1] in ends:
                break
    return made


class Dialogue:
    def __init__(self, tokenizer, model, template, end):
        self.tokenizer, self.model, self.template = tokenizer, model, template
        self.ends = {0, tokenizer.convert_tokens_to_ids(end)}
        self.system, self.messages, self.answers = None, [], []

    def prompt(self, **options):
        system = [{"role": "system", "content": self.system}] if self.system else []
        return self.tokenizer.apply_chat_template(
            system + self.messages, chat_template=self.template, add_generation_prompt=True, return_dict=False, **options)

    def text(self, ids):
        return self.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def reply(self, ids):
        made = answer(self.model, ids, self.ends)
        self.last = (ids, made)
        self.messages.append({"role": "assistant", "content": self.text(made)})
        self.answers.append({"prompt": ids, "answer": made, "content": self.messages[-1]["content"]})

    def take(self, line):
        word, _, rest = line.partition(" ")
        if word == "/system":
            self.system = rest
        elif word == "/undo":
            self.messages = self.messages[:-2]
        elif word == "/retry":
            self.messages = self.messages[:-1]
            self.reply(self.prompt())
        elif word == "/continue":
            ids, made = self.last
            kept = [id for id in made if id not in self.ends]
            self.messages.pop()
            before = ids + kept
            more = answer(self.model, before, self.ends)
            self.last = (ids, kept + more)
            self.messages.append({"role": "assistant", "content": self.text(kept + more)})
            self.answers.append({"prompt": before, "answer": more, "content": self.messages[-1]["content"]})
        else:
            if word == "/edit":
                self.messages, line = self.messages[:-2], rest
            self.messages.append({"role": "user", "content": line})
            self.reply(self.prompt())


def dialogue(tokenizer, model, name, template, end):
    talk = Dialogue(tokenizer, model, template, end)
    has_system = True
    try:
        talk.system, talk.messages = "x", [{"role": "user", "content": "y"}]
        has_system = "x" in tokenizer.apply_chat_template(
            [{"role": "system", "content": "x"}] + talk.messages, chat_template=template, tokenize=False)
    except Exception:
        has_system = False
    talk.system, talk.messages = None, []
    lines = LINES if has_system else LINES[:-2]
    for line in lines:
        talk.take(line)
    # Conversations as a whole: one whose last message is continued, and one with reasoning.
    talk.system = None
    talk.messages = [{"role": "user", "content": "How are you?"}, {"role": "assistant", "content": "Hello, my"}]
    continued = tokenizer.apply_chat_template(
        talk.messages, chat_template=template, continue_final_message=True, return_dict=False)
    reasoned = [
        {"role": "user", "content": "How are you?"},
        {"role": "assistant", "content": "Hello.", "reasoning_content": "The sea is calm."},
        {"role": "user", "content": "The king?"},
    ]
    whole = tokenizer.apply_chat_template(
        reasoned, chat_template=template, add_generation_prompt=True, return_dict=False)
    return {
        "name": name, "end": end, "lines": lines, "answers": talk.answers, "continued": continued, "reasoned": whole,
    }


def dialogues(tokenizer, model):
    made = []
    for name, entry in OWN.items():
        made.append(dialogue(tokenizer, model, name, entry["template"], entry["end"]) | {"template": entry["template"]})
    for name, end in PUBLISHED.items():
        template = (SHARED / "templates" / f"{name}.jinja").read_text()
        made.append(dialogue(tokenizer, model, name, template, end))
    return made


if __name__ == "__main__":
    for seed in range(100):
        tokenizer, model = make_model(seed)
        try:
            made = dialogues(tokenizer, model)
        except TooNear:
            continue
        answers = [(entry, answer["answer"]) for entry in made for answer in entry["answers"]]
        ended = sum(ids[-1] == tokenizer.convert_tokens_to_ids(entry["end"]) for entry, ids in answers)
        if 10 <= ended <= len(answers) / 2:
            break
    (HERE / "chat" / "dialogues.json").write_text(
        "[\n" + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in made) + "\n]\n")
    print(f"seed {seed}: {len(made)} templates, {len(answers)} answers, {ended} with an end")
