"""Answers that are computed over the typed funding records: which programmes are open, and how two of them differ.

A list is no matter of nearness: „Welche Programme sind gerade offen?" has one right answer on a given day. Each line is
the stored line of a record's page (:mod:`indexer.record_pages`), so it is quoted and verified like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from assistant.answering.context import Chosen, Context, Hit, Judgement, Notice, Resources
from assistant.answering.evidence import specific_words
from assistant.answering.kinds import Asked
from assistant.answering.names import range_fit
from assistant.answering.outcomes import RECORDS_MORE, RECORDS_UNCLEAR
from indexer.analysis import fold, grams, words
from indexer.programmes import Availability, Level, Programme
from indexer.record_pages import PASSAGE, PREFIX

MAX_LINES: Final = 8
"""Programmes that one answer lists; how many more there are is said."""
SAME_WORD: Final = 0.6
"""Share of a word's 4-grams that one word of a record must hold."""

_FUNDING: Final = re.compile(
    r"\b(?:landes|bundes)?(?:forderprogramm\w*|forderung\w*|fordermittel\w*|fordertopf\w*|forderangebot\w*|zuschuss\w*|programme?n?|wettbewerbe?"
    r"|topfe?|gelder|kredite?|darlehen|ausschreibungen|forderaufrufe?|funding|grants?|programmes?|schemes?)\b"
)
_LIST: Final = re.compile(
    r"\b(?:welche[rnms]?|was fur|liste\w*|uberblick|ubersicht|alle|nenn\w*|zeig\w*|which|what|list|any)\b"
    r"|\bgibt es\b|\bare there\b"
)
_PLURAL: Final = re.compile(
    r"\b(?:landes|bundes)?(?:programme|programmen|forderprogramme\w*|fordermittel|fordertopfe\w*|topfe|zuschusse|wettbewerbe|kredite|forderungen|forderangebote"
    r"|ausschreibungen|forderaufrufe|gelder|grants|programmes|schemes|funding)\b"
)
_FORM: Final = re.compile(r"kredit|darlehen|wettbewerb")
"""Kinds of funding that narrow a list."""
_OPEN: Final = re.compile(
    r"\b(?:offen\w*|gerade|aktuell\w*|derzeit\w*|jetzt|momentan|zurzeit|laufen\w*|noch|beantrag\w*|verfugbar\w*|heute|open|current\w*"
    r"|available|now|still|apply)\b"
)
_ENDED: Final = re.compile(
    r"\b(?:ausgelaufen\w*|abgelaufen\w*|beendet\w*|geschlossen\w*|eingestellt\w*|ended|expired|closed)\b"
)
_LEVELS: Final = (
    (Level.STATE, re.compile(r"\b(?:vom land|landes\w*|des landes|land|state)\b")),
    (Level.FEDERAL, re.compile(r"\b(?:vom bund|bundes\w*|des bundes|bund|kfw|federal)\b")),
    (Level.EU, re.compile(r"\b(?:eu|der eu|europa\w*|europai\w*|brussel|european)\b")),
)
# What does not narrow a list: it belongs to the way of asking.
_ASKING: Final = frozenset(
    """
    forderprogramm forderprogramme fordermittel forderung forderungen zuschuss zuschusse programm programme programmen
    fordertopf fordertopfe topf topfe gelder offen offene offenen derzeit gerade bereits
    momentan zurzeit verfugbar beantragen beantragt antrag antrage laufen laufend laufende land landes bund bundes eu
    europa europaische europaischen gemeinde gemeinden stadt stadte kommune kommunen kommunal kommunale landkreis
    landkreise einwohner einwohnern einwohnerinnen kleine kleinen grosse digitalisierung digital digitale digitalen
    liste uberblick ubersicht ausgelaufen ausgelaufene ausgelaufenen beendet baden wurttemberg bewerben inhabitants
    people funding grants programmes open state federal digitalisation currently available apply municipality
    municipalities
    """.split()
)


def from_records(context: Context, resources: Resources) -> None:
    """Fill `chosen` if the question asks for programmes by status, or compares two of them; else change nothing."""
    if context.query != context.own_query or context.parts:
        return
    programmes = resources.generation.catalogue.programmes()
    pages: list[tuple[str, int]] = []
    if Asked.COMPARISON in context.kinds:
        named = named_programmes(context, programmes)
        if len(named) == 2:
            pages = _compared(named, resources)
    elif asks_for_list(context):
        found = matching(context, programmes, resources)
        pages = [(programme.id, 0) for programme in found[:MAX_LINES]]
        _notices(context, found, programmes, resources)
    if not pages:
        context.notices = []
        return
    context.chosen = _chosen(pages, resources)
    context.listed = True
    context.judgement = Judgement(1.0, True, {"records": float(len(pages))}, ())


def asks_for_list(context: Context) -> bool:
    """Tell whether a question asks which programmes there are, and not about one of them."""
    folded = fold(context.query)
    if not (_LIST.search(folded) and _PLURAL.search(folded) and _FUNDING.search(folded)):
        return False
    return bool(_OPEN.search(folded) or _ENDED.search(folded)) and not context.about_past


def matching(context: Context, programmes: Iterable[Programme], resources: Resources) -> list[Programme]:
    """Return the programmes that are asked for, those with the next deadline first."""
    folded = fold(context.query).replace("-", " ")
    wanted = Availability.ENDED if _ENDED.search(folded) else Availability.OPEN
    levels = {level for level, pattern in _LEVELS if pattern.search(folded)}
    # „Land" and „Bund" narrow; „Baden-Württemberg" alone does not exclude the federal ones.
    topics = [
        word
        for word in specific_words(context.query)
        if word not in _ASKING
        and not word[0].isdigit()
        and not (_OPEN.fullmatch(word) or _ENDED.fullmatch(word))
        and (_FORM.search(word) or not _FUNDING.fullmatch(word))
    ]
    found = []
    for programme in programmes:
        if programme.status_on(resources.today) is not wanted:
            continue
        if levels and programme.level not in levels:
            continue
        text = " ".join(
            (programme.name, programme.object, programme.form, *programme.applicants, *programme.conditions)
        )
        if _MUNICIPAL.search(folded) and programme.applicants and not _serves_municipalities(programme):
            continue
        if range_fit(context.query, text) < 0 or not all(_holds(text, topic, resources) for topic in topics):
            continue
        found.append(programme)
    return sorted(
        found, key=lambda p: (p.last_day_to_apply() is None, p.last_day_to_apply() or resources.today, p.name)
    )


def _serves_municipalities(programme: Programme) -> bool:
    """Tell whether a town or municipality is among those who may apply, or carries a project that may."""
    return _ELIGIBLE.search(fold(" ".join(programme.applicants))) is not None


_MUNICIPAL: Final = re.compile(r"\b(?:gemeinden?|stadt|stadte|kommunen?|rathaus\w*|wir|uns|municipalit\w*|town|we)\b")
_ELIGIBLE: Final = re.compile(r"kommun|gemeind|stadt|stadte|gebietskorper|zweckverb|trager|offentlich")


def _holds(text: str, topic: str, resources: Resources) -> bool:
    """Tell whether a text holds a topic or an official name of it."""
    names = [topic]
    for name in resources.names.used(topic):
        names += [word for other in name.term.names() for word in specific_words(other)]
    return any(_same(word, name) for word in words(text) for name in names)


def _same(word: str, wanted: str) -> bool:
    parts = set(grams(wanted))
    return len(parts & set(grams(word))) >= SAME_WORD * len(parts)


def named_programmes(context: Context, programmes: Iterable[Programme]) -> list[Programme]:
    """Return the programmes that a question names, in the order of the records."""
    used = set(words(context.query))
    found = []
    for programme in programmes:
        name = re.sub(r"\(.*?\)", " ", programme.name)
        parts = [word for word in specific_words(name) if word not in _ASKING]
        if parts and all(any(_same(word, part) for word in used) for part in parts):
            found.append((len(parts), programme))
    # The longest name wins over one that it contains.
    best = sorted(found, key=lambda pair: -pair[0])
    kept: list[Programme] = []
    for _, programme in best:
        if not any(fold(programme.name) in fold(other.name) for other in kept):
            kept.append(programme)
    return kept


def _compared(named: list[Programme], resources: Resources) -> list[tuple[str, int]]:
    """Return the lines that both records have, side by side."""
    lines = []
    for programme in named:
        passage = resources.generation.catalogue.passages([f"{PREFIX}{programme.id}{PASSAGE}"]).popitem()[1]
        labels = {}
        for number, text in enumerate(passage.sentence_texts()[1:], start=1):
            labels[text.removeprefix(f"{programme.name} – ").partition(":")[0]] = number
        lines.append(labels)
    both = [label for label in COMPARED if all(label in labels for labels in lines)]
    return [(p.id, labels[label]) for label in both for p, labels in zip(named, lines, strict=True)]


COMPARED: Final = ("Wer es beantragen kann", "Förderart", "Fördersatz", "Höchstbetrag", "Frist", "Stand der Auskunft")
"""The values that a comparison sets side by side, in this order."""


def _chosen(pages: list[tuple[str, int]], resources: Resources) -> list[Chosen]:
    ids = [f"{PREFIX}{programme}{PASSAGE}" for programme, _ in pages]
    stored = resources.generation.catalogue.passages(list(dict.fromkeys(ids)))
    return [
        Chosen(Hit(stored[name], 0.0, 0.0, 0.0, 0.0, ()), number, 0.0)
        for name, (_, number) in zip(ids, pages, strict=True)
    ]


def _notices(context: Context, found: list[Programme], programmes: Iterable[Programme], resources: Resources) -> None:
    if len(found) > MAX_LINES:
        text = RECORDS_MORE[context.language].format(count=len(found) - MAX_LINES)
        context.notices.append(Notice("more", text, leads=False))
    unclear = sum(programme.status_on(resources.today) is Availability.UNCLEAR for programme in programmes)
    if unclear:
        context.notices.append(Notice("unclear", RECORDS_UNCLEAR[context.language].format(count=unclear), leads=False))
