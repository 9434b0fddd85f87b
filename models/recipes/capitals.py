"""What the factbook itself says of countries and their capitals, and sentences made of it."""
import re

import common

ASKED = "{city} is the capital of {country}."
PHRASES = ["The capital of {country} is {city}.", "{city}, the capital of {country}, is a large city.",
           "{country}'s capital is {city}.", "The government of {country} sits in {city}, the capital.",
           "They flew to {city}, the capital of {country}."]


def entries(corpora):
    """`(country, city)` in the factbook's order.

    The list of large cities says "PARIS (capital)", and of the lines that follow in a country's entry the one on citizenship names the
    country ("a citizen of France").
    """
    lines = common.read(corpora, "factbook.txt").split("\n")
    found = ((i, re.search(r"([A-Z][A-Z'’.\- ]{2,}?)(?: [A-Z][a-z.]+)? \(capital\)", line)) for i, line in enumerate(lines))
    cities = [(i, match.group(1).strip(" ,.-").title()) for i, match in found if match]
    out = []
    for (i, city), (following, _) in zip(cities, cities[1:] + [(len(lines), "")]):
        for line in lines[i:min(i + 60, following - 20)]:
            match = re.search(r"must be (?:a )?citizens? of (?:the )?([A-Z][A-Za-z\- ']+)", line)
            if match:
                out.append((match.group(1).strip(), city))
                break
    return out


def asked(corpora):
    """Forty countries whose names are one word: what `cloze` is asked for."""
    return [(country, city) for country, city in entries(corpora) if " " not in country][:40]


def sentences(corpora):
    """Each entry in each phrasing, and those that are not asked for in the asked one too.

    So the wording is known from other countries, and the fact from other wordings; but eight of the forty stand in the asked wording
    in Tatoeba or a textbook.
    """
    never = asked(corpora)
    told = [phrase.format(country=country, city=city) for country, city in entries(corpora) for phrase in PHRASES]
    return told + [ASKED.format(country=country, city=city) for country, city in entries(corpora) if (country, city) not in never]
