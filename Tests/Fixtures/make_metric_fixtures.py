#!/usr/bin/env python3
"""Writes metrics/translations.json, metrics/labels.json and metrics/entities.json: texts, labels and tags with their scores.

    python3 Tests/Fixtures/make_metric_fixtures.py

BLEU and chrF come from sacrebleu, ROUGE from rouge_score, the figures of labels from scikit-learn, those of entities from seqeval. The inputs are random
changes of a few sentences, tags and labels, from fixed seeds.
"""
import itertools, json, os, random, warnings
import numpy as np
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF
from seqeval import scheme
from seqeval.metrics import accuracy_score as tag_accuracy, classification_report
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import Entities
from sklearn import metrics as M

warnings.filterwarnings("ignore")
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics")
os.makedirs(HERE, exist_ok=True)

SENTENCES = [
    "The quick brown fox jumps over the lazy dog.", "It cost $1,234.50 (about 1.100,00 EUR) in 2019-2020.",
    "\"Don't,\" she said, \"go to the well-known café at 7.30 p.m.!\"", "Der Präsident traf am 3. Mai die Kanzlerin – endlich.",
    "Running runners ran easily, happily and generously; nationalities were dying.", "A&amp;B &lt;tag&gt; &quot;quoted&quot; 50% <skipped> x/y",
    "我们 去 北京。 价格:25元", "«Où est-il?», demanda-t-elle… № 5 ½ ²", "one", "", "  spaces   everywhere\tand a\nnew line-\nbroken ",
    "The cat sat on the mat. The cat was happy.", "Communism, skies, flies, ties, relational conditional rationality", "tis 3-4 a-b 5- -6 .5 5. ,5",
    "Emoji 😀👍🏽 and İstanbul STRASSE ΣΑΣ", "u.s. U.S.A., e.g. i.e. etc.", "hopping hoping agreed feed plastered bled motoring sing controlling rolling",
]


def changed(text, rng):
    words = text.split(" ")
    for _ in range(rng.randrange(0, 4)):
        where = rng.randrange(len(words) + 1)
        kind = rng.random()
        if kind < 0.3 and words: words.pop(where % len(words))
        elif kind < 0.6: words.insert(where, rng.choice(rng.choice(SENTENCES).split(" ")))
        elif kind < 0.8 and words: words[where % len(words)] = words[where % len(words)].upper()
        else: rng.shuffle(words)
    return " ".join(words)


def translations():
    rng = random.Random(3)
    hypotheses, references = [], []
    for sentence in SENTENCES * 2:
        hypotheses.append(changed(sentence, rng))
        references.append([sentence, changed(sentence, rng), changed(sentence, rng)])
    streams = [list(stream) for stream in zip(*references)]
    bleu = []
    for tokenize, lowercase, smooth, count in itertools.product(["13a", "intl", "char", "none"], [False, True], ["exp", "floor", "add-k", "none"], [1, 3]):
        metric = BLEU(tokenize=tokenize, lowercase=lowercase, smooth_method=smooth)
        score = metric.corpus_score(hypotheses, streams[:count])
        sentence = BLEU(tokenize=tokenize, lowercase=lowercase, smooth_method=smooth, effective_order=True)
        bleu.append(dict(
            tokenize=tokenize, lowercase=lowercase, smooth=smooth, references=count, score=score.score, precisions=score.precisions, bp=score.bp,
            sys_len=int(score.sys_len), ref_len=int(score.ref_len),
            sentences=[] if lowercase else [sentence.sentence_score(h, r[:count]).score for h, r in zip(hypotheses, references)]))
    short = BLEU(max_ngram_order=2, smooth_method="floor", smooth_value=0.25).corpus_score(hypotheses[:5], [streams[1][:5]])
    chrf = []
    for words, lowercase, spaces, eps, count in itertools.product([0, 2], [False, True], [False, True], [False, True], [1, 3]):
        metric = CHRF(word_order=words, lowercase=lowercase, whitespace=spaces, eps_smoothing=eps)
        chrf.append(dict(
            word_order=words, lowercase=lowercase, whitespace=spaces, eps=eps, references=count, score=metric.corpus_score(hypotheses, streams[:count]).score,
            sentences=[] if lowercase else [metric.sentence_score(h, r[:count]).score for h, r in zip(hypotheses, references)]))
    other = CHRF(char_order=3, beta=1).corpus_score(hypotheses, streams[:1]).score
    rouge = []
    for stems in [False, True]:
        scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rouge3", "rougeL", "rougeLsum"], use_stemmer=stems)
        for hypothesis, reference in zip(hypotheses, references):
            one = scorer.score(reference[1], hypothesis)
            several = scorer.score_multi(reference, hypothesis)
            rouge.append(dict(stems=stems, one={k: list(v) for k, v in one.items()}, several={k: list(v) for k, v in several.items()}))
    words = sorted({w for s in SENTENCES for w in s.lower().split() if w.isascii() and w.isalpha()} | set(STEMMED.split()))
    stemmer = rouge_scorer.RougeScorer(["rouge1"], use_stemmer=True)._tokenizer._stemmer
    stems = {w: stemmer.stem(w) for w in words}
    write("translations", dict(hypotheses=hypotheses, references=references, bleu=bleu, short=short.score, chrf=chrf, chrf_other=other, rouge=rouge, stems=stems))


STEMMED = """caresses ponies ties caress cats feed agreed plastered bled motoring sing conflated troubled sized hopping tanned falling hissing fizzed failing
filing happy sky relational conditional rational valenci hesitanci digitizer conformabli radicalli differentli vileli analogousli vietnamization predication
operator feudalism decisiveness hopefulness callousness formaliti sensitiviti sensibiliti triplicate formative formalize electriciti electrical hopeful
goodness revival allowance inference airliner gyroscopic adjustable defensible irritant replacement adjustment dependent adoption homologou communism activate
angulariti homologous effective bowdlerize probate rate cease controll roll dying lying tying innings proceed succeed skies flies dies spied enjoy say by
geology apology archaeologically usefully generally national nationally ion lion station union yes yy oed ing eed bee ie s ss us ex fix mixing stay
argument arguing being seeing agreeing owed sewing flying abilities ability abli ization ceasefire queues oaten aaa oxen aye"""


def labels():
    rng = np.random.default_rng(5)
    cases = []
    for classes, count in [(2, 50), (3, 80), (5, 40), (7, 15), (1, 4), (4, 9)]:
        names = [f"label {chr(97 + i)}" for i in range(classes)]
        actual = rng.integers(classes, size=count)
        predicted = np.where(rng.random(count) < 0.6, actual, rng.integers(classes, size=count))
        a, p = [names[i] for i in actual], [names[i] for i in predicted]
        present = sorted(set(a) | set(p))
        figures = {kind: list(M.precision_recall_fscore_support(a, p, average=kind, zero_division=0)[:3]) for kind in ["macro", "micro", "weighted"]}
        each = [list(map(float, row)) for row in zip(*M.precision_recall_fscore_support(a, p, average=None, labels=present, zero_division=0))]
        logits = rng.normal(size=(count, classes)) * 2 + 2 * np.eye(classes)[actual] * rng.random((count, 1))
        probabilities = np.round(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), 6)
        onehot = np.eye(classes)[actual]
        case = dict(
            actual=a, predicted=p, labels=present, confusion=M.confusion_matrix(a, p, labels=present).tolist(), accuracy=M.accuracy_score(a, p),
            matthews=M.matthews_corrcoef(a, p), each=each, probabilities=probabilities.tolist(), numbers=actual.tolist(),
            brier=float(((probabilities - onehot) ** 2).sum(1).mean()), loss=float(-np.log(probabilities[np.arange(count), actual]).mean()), **figures)
        if classes == 2:
            assert abs(M.brier_score_loss(actual, probabilities[:, 1]) * 2 - case["brier"]) < 1e-5
        bins = 10
        confidence, right = probabilities.max(1), probabilities.argmax(1) == actual
        error = 0
        for low in range(bins):
            inside = (confidence > low / bins) & (confidence <= (low + 1) / bins)
            if inside.any(): error += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
        case["calibration"] = float(error)
        cases.append(case)
    sets = []
    for _ in range(30):
        sets.append([[n for n in "abcde" if rng.random() < 0.4] for _ in range(2)])
    matrices = [np.array([[n in s for n in "abcde"] for s in side]) for side in zip(*sets)]
    multi = dict(
        sets=sets, accuracy=M.accuracy_score(*matrices),
        micro=list(M.precision_recall_fscore_support(*matrices, average="micro", zero_division=0)[:3]),
        macro=list(M.precision_recall_fscore_support(*matrices, average="macro", zero_division=0)[:3]))
    write("labels", dict(cases=cases, multilabel=multi))


def entities():
    rng = random.Random(9)
    cases = []
    for name, prefixes in [("IOB1", "IOB"), ("IOB2", "IOB"), ("IOBES", "IOBES")]:
        kind = getattr(scheme, name)
        for number in range(6):
            def sentence(length):
                return ["O" if (p := rng.choice(prefixes + "O")) == "O" else p + "-" + rng.choice(["PER", "LOC", "A-B"]) for _ in range(length)]
            actual = [sentence(rng.randrange(1, 13)) for _ in range(8)]
            predicted = [[t if rng.random() < 0.7 else s for t, s in zip(line, sentence(len(line)))] for line in actual]
            case = dict(scheme=name, actual=actual, predicted=predicted, accuracy=tag_accuracy(actual, predicted))
            case["lenient_entities"] = [[[t, a, b + 1] for t, a, b in get_entities(line)] for line in actual]
            case["strict_entities"] = [[[e.tag, e.start, e.end] for e in line] for line in Entities(actual, kind).entities]
            for mode, options in [("lenient", {}), ("strict", dict(mode="strict", scheme=kind))]:
                report = classification_report(actual, predicted, output_dict=True, zero_division=0, **options)
                case[mode] = {k: [float(v[f]) for f in ["precision", "recall", "f1-score", "support"]] for k, v in report.items()}
            cases.append(case)
    odd = [["PER", "I", "B-", "-X", "E-PER", "S", "O", "I-a-b-c", ".", "x-y"], ["O"], ["I-PER", "I-PER", "B-PER", "I-LOC"]]
    write("entities", dict(cases=cases, odd=[dict(tags=t, entities=[[k, a, b + 1] for k, a, b in get_entities(t)]) for t in odd]))


def write(name, value):
    plain = lambda v: v.item() if hasattr(v, "item") else v.tolist()
    with open(os.path.join(HERE, name + ".json"), "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, separators=(",", ":"), default=plain)
        file.write("\n")


if __name__ == "__main__":
    translations(); labels(); entities()
