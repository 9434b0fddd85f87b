"""Makes the vocabulary of `interpreter`: 6,000 unigram pieces over the pairs that are trained on.

    python interpreter_vocabulary.py --corpora CORPORA --out models/interpreter/tokenizer.json

Threads add up in no fixed order: the pieces are those of the bundled file, their scores differ in the last digits.
"""
import argparse

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

import pairs

p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
p.add_argument("--corpora", required=True)
p.add_argument("--out", required=True)
a = p.parse_args()
train, _ = pairs.split(a.corpora)
tokenizer = Tokenizer(models.Unigram())
tokenizer.normalizer = normalizers.NFKC()
tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
trainer = trainers.UnigramTrainer(vocab_size=6000, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>")
tokenizer.train_from_iterator((side for english, french in train for side in (pairs.EN_FR + english, french)), trainer=trainer)
tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
tokenizer.save(a.out)
