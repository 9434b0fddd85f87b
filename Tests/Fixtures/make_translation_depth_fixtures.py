"""Makes the reference values of `translate --begin`, `--align` and `--back`, by transformers.

    python make_translation_depth_fixtures.py        (transformers 5.24, torch)

Run after make_program_fixtures.py: the model is `program/encoder-decoder`. `translation/depth.json` has beam search with
a forced beginning, the cross-attention averaged over layers and heads and summed over words, and log-probabilities.
"""

import json
import pathlib

import torch
from transformers import PreTrainedTokenizerFast, T5ForConditionalGeneration

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "program" / "encoder-decoder"
CASES = [("How are you?", "Comment"), ("the sea is calm", "la"), ("Hello, my name is Tom.", "Bonjour, je")]
PREFIX, BACK = "translate English to French: ", "translate French to English: "


def words(text, offsets, start=0):
    """The words of a text between spaces from `start` on, each with the indices of its tokens."""
    found, place = [], start
    while place < len(text):
        if text[place] == " ":
            place += 1
            continue
        end = text.find(" ", place)
        end = len(text) if end < 0 else end
        tokens = [i for i, (a, b) in enumerate(offsets) if a < end and b > place and a < b]
        if tokens:
            found.append((text[place:end], tokens))
        place = end
    return found


def logprob(model, source, target):
    """ln p(target | source), summed over the target's ids."""
    decoder = torch.tensor([[model.config.decoder_start_token_id] + target[:-1]])
    log = model(torch.tensor([source]), decoder_input_ids=decoder).logits[0].double().log_softmax(-1)
    return sum(float(log[i, id]) for i, id in enumerate(target))


def main():
    tokenizer = PreTrainedTokenizerFast.from_pretrained(FOLDER)
    model = T5ForConditionalGeneration.from_pretrained(FOLDER, attn_implementation="eager").double().eval()
    start, eos = model.config.decoder_start_token_id, model.config.eos_token_id
    cases = []
    with torch.no_grad():
        for line, begin in CASES:
            read = tokenizer(PREFIX + line, return_offsets_mapping=True)
            source = read.input_ids
            begun = [id for id in tokenizer(begin).input_ids if id != eos]
            made = model.generate(
                torch.tensor([source]), decoder_input_ids=torch.tensor([[start] + begun]), num_beams=4,
                max_new_tokens=12, do_sample=False)[0].tolist()[1:]
            decoder = torch.tensor([[start] + made[:-1]])
            cross = model(
                torch.tensor([source]), decoder_input_ids=decoder, output_attentions=True).cross_attentions
            weights = torch.stack([layer[0] for layer in cross]).mean((0, 1))  # [target, source]
            text, offsets = "", []
            for id in made:
                special = id in tokenizer.all_special_ids
                piece = "" if special else tokenizer.convert_ids_to_tokens(id).replace("▁", " ")
                offsets.append((len(text), len(text) + len(piece)))
                text += piece
            own, other = words(text, offsets), words(PREFIX + line, read.offset_mapping, len(PREFIX))
            table = []
            for _, rows in own:
                row = [sum(float(weights[t, s]) for t in rows for s in columns) for _, columns in other]
                table.append([value / sum(row) for value in row])
            shown = tokenizer.decode(made, skip_special_tokens=True)
            back = tokenizer(BACK + shown).input_ids
            cases.append({
                "line": line, "begin": begin, "ids": made, "source": [word for word, _ in other],
                "target": [word for word, _ in own], "weights": table, "logprob": logprob(model, source, made),
                "logprob_back": logprob(model, back, tokenizer(line).input_ids),
            })
    out = HERE / "translation" / "depth.json"
    out.write_text(json.dumps({"max_new_tokens": 12, "cases": cases}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
