"""Makes the vocabulary of `cloze`: uncased WordPiece of 8,448 tokens.

    python cloze_vocabulary.py --corpora CORPORA --out models/cloze/tokenizer.json

8,192 tokens are trained on what `cloze` reads. Then come names of countries and capitals, first names, and the most frequent words of
the textbooks and the factbook that would be several pieces. The bundled file began with a vocabulary that an earlier version of this
recipe trained; `--start models/cloze/tokenizer.json` takes its first 8,217 tokens and adds the same words.
"""
import argparse, collections, json, re

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

import capitals, common, passages

FIRST, EARLIER, SIZE = 8192, 8217, 8448
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PLACES = (
    "paris berlin rome madrid tokyo beijing moscow cairo nairobi lima lisbon athens vienna delhi ottawa canberra dublin brussels "
    "amsterdam copenhagen oslo stockholm helsinki warsaw prague budapest bern ankara tehran baghdad damascus seoul bangkok hanoi "
    "manila jakarta havana brasilia santiago caracas bogota quito algeria tunis algiers rabat accra lagos abuja kigali kampala "
    "poland sweden norway finland austria hungary canada brazil argentina chile colombia cuba mexico turkey iran iraq syria "
    "thailand vietnam "
).split()
NAMES = (
    "anna james robert emily sarah susan david michael daniel martin sophie emma lucy ben sam kate jane harry oliver charlie maria "
    "laura julia paul mark george henry edward thomas william elizabeth margaret dorothy helen ruth betty frank fred joe nick "
    "peggy polly molly nancy rose bob dick ned philip simon hugh ralph walter arthur "
).split()
p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
p.add_argument("--corpora", required=True)
p.add_argument("--out", required=True)
p.add_argument("--start", help="a tokenizer.json whose first tokens are taken")
a = p.parse_args()


def trained():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    train, _ = passages.split(a.corpora)
    tokenizer.train_from_iterator(train, trainers.WordPieceTrainer(vocab_size=FIRST, special_tokens=SPECIAL, limit_alphabet=200))
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
                                                             special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
    return tokenizer


state = json.loads((Tokenizer.from_file(a.start) if a.start else trained()).to_str())
vocabulary = state["model"]["vocab"]
if a.start:
    vocabulary = state["model"]["vocab"] = {word: number for word, number in vocabulary.items() if number < EARLIER}
words = [word.lower() for entry in capitals.entries(a.corpora) for word in entry if re.fullmatch(r"[A-Za-z]+", word)]
count = collections.Counter()
for name in ("openstax.txt", "factbook.txt"):
    count.update(re.findall(r"[a-z]+", common.read(a.corpora, name).lower()))
for word in words + PLACES + NAMES:
    vocabulary.setdefault(word, len(vocabulary))
for word, _ in count.most_common():
    if len(vocabulary) >= SIZE:
        break
    if len(word) > 2:
        vocabulary.setdefault(word, len(vocabulary))
Tokenizer.from_str(json.dumps(state)).save(a.out)
