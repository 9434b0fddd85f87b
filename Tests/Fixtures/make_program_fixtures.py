"""Makes the three tiny models for the tests of the whole program, and their reference values by transformers.

    python make_program_fixtures.py        (transformers 5.24, tokenizers, torch)

Each model in `program/` is a complete folder in Hugging Face layout: a causal one, a masked one, an encoder-decoder one,
with random weights and a tokenizer trained on the lines below. An existing `tokenizer.json` is kept, because the
trainers break ties in a different order at each run; delete it to train again. `program/expected.json` has the
reference values.
The weights have a large variance, so that rounding can't change the order of candidates; the script checks this.
"""

import json
import pathlib

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast, T5Config,
    T5ForConditionalGeneration,
)

HERE = pathlib.Path(__file__).parent / "program"
LINES = [
    "Once upon a time there lived a fisherman by the sea.",
    "The king had a daughter, and the daughter had a little boat.",
    "Hello, my name is Tom. The capital of France is Paris.",
    "translate English to French: How are you? Good morning, the sea is calm.",
    "Comment allez-vous ? Bonjour, la mer est calme.",
]
MARGIN = 1e-3


def trained(name, tokenizer, trainer):
    """The tokenizer of the folder `name`, or, where there is none, `tokenizer` after training."""
    path = HERE / name / "tokenizer.json"
    if path.exists():
        return Tokenizer.from_file(str(path))
    tokenizer.train_from_iterator(LINES, trainer)
    return tokenizer


def widen(model, scale, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() > 1:
                weight.normal_(0, scale)
            elif "norm" in name.lower() or "ln_" in name:
                weight.normal_(1 if name.endswith("weight") else 0, 0.2)
            else:
                weight.normal_(0, 0.2)
    return model.eval()


def save(name, model, tokenizer, generation):
    folder = HERE / name
    if generation:
        model.generation_config.update(**generation)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def check_margin(logits):
    top = logits.double().log_softmax(-1).topk(2).values
    assert (top[..., 0] - top[..., 1]).min() > MARGIN, "candidates too near; take another seed"


def causal():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer = trained("causal", tokenizer, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|endoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>")
    config = GPT2Config(
        vocab_size=320, n_positions=64, n_embd=32, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0)
    model = widen(GPT2LMHeadModel(config), 0.4, seed=1)
    fast = save("causal", model, fast, {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0})
    prompt = "Once upon a time"
    ids = fast(prompt, return_tensors="pt").input_ids
    with torch.no_grad():
        made = model.generate(ids, do_sample=False, max_new_tokens=12, attention_mask=torch.ones_like(ids))[0]
        logits = model(made[None]).logits[0]
    new = made[ids.shape[1]:]
    check_margin(logits[ids.shape[1] - 1:-1])
    logprobs = logits.double().log_softmax(-1)
    places = range(1, len(made))
    return {
        "prompt": prompt, "prompt_ids": ids[0].tolist(), "ids": new.tolist(),
        "text": fast.decode(new, skip_special_tokens=True, clean_up_tokenization_spaces=False),
        "logprobs": [logprobs[place - 1, made[place]].item() for place in places][ids.shape[1] - 1:],
        "prompt_logprobs": [logprobs[place - 1, made[place]].item() for place in range(1, ids.shape[1])],
    }


def masked():
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    tokenizer = trained(
        "masked", tokenizer, trainers.WordPieceTrainer(vocab_size=160, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]")
    size = tokenizer.get_vocab_size()
    config = BertConfig(
        vocab_size=size, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=48, type_vocab_size=2)
    model = widen(BertForMaskedLM(config), 0.3, seed=2)
    fast = save("masked", model, fast, {})
    text = "Hello, my name is [MASK]."
    ids = fast(text, return_tensors="pt").input_ids
    with torch.no_grad():
        logits = model(ids).logits[0]
    place = ids[0].tolist().index(4)
    probabilities = logits[place].double().softmax(-1)
    best = probabilities.topk(6)
    assert (best.values[:-1] / best.values[1:]).log().min() > MARGIN
    return {
        "text": text, "ids": ids[0].tolist(), "position": place, "candidates": best.indices[:5].tolist(),
        "probabilities": best.values[:5].tolist(),
    }


def encoder_decoder():
    trainer = trainers.UnigramTrainer(
        vocab_size=120, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False)
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer = trained("encoder-decoder", tokenizer, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    config = T5Config(
        vocab_size=tokenizer.get_vocab_size(), d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
        decoder_start_token_id=0, pad_token_id=0, eos_token_id=1,
        task_specific_params={"translation_en_to_fr": {"prefix": "translate English to French: "}})
    model = widen(T5ForConditionalGeneration(config), 0.4, seed=3)
    fast = save("encoder-decoder", model, fast, {"num_beams": 3, "max_new_tokens": 10})
    source = "How are you?"
    ids = fast("translate English to French: " + source, return_tensors="pt").input_ids
    with torch.no_grad():
        beams = model.generate(
            ids, attention_mask=torch.ones_like(ids), num_beams=3, num_return_sequences=3, max_new_tokens=10,
            do_sample=False, return_dict_in_generate=True, output_scores=True)
    scores = beams.sequences_scores.tolist()
    assert min(a - b for a, b in zip(scores, scores[1:])) > MARGIN
    rows = [[id for id in row if id != 0] for row in beams.sequences[:, 1:].tolist()]
    return {
        "source": source, "ids": ids[0].tolist(), "scores": scores, "sequences": rows,
        "texts": [fast.decode(row, skip_special_tokens=True, clean_up_tokenization_spaces=False) for row in rows],
    }


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    expected = {"causal": causal(), "masked": masked(), "encoder-decoder": encoder_decoder()}
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(json.dumps(expected, indent=1))
