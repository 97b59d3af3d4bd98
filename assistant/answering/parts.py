"""Two questions in one are answered one after the other: where the second begins, and how two answers become one."""

from __future__ import annotations

import re
from typing import Final

from assistant.answering.context import Context, Hit, Resources
from assistant.answering.reading import read
from indexer.analysis import fold

_ASKING: Final = (
    r"(?:wie|was|wann|wer|wem|wen|wo|wohin|woher|wofur|womit|warum|wieso|wieviel|welche[rnms]?|ab wann|bis wann"
    r"|seit wann|an wen"
    r"|an wem|von wem|mit wem|zu wie|fur wen|fur wie|in welche[rnm]?|unter welche[rnm]?|bei wem|ob"
    r"|muss|mussen|darf|durfen|kann|konnen|gibt|gilt|gelten|hat|haben|ist|sind|war|waren|wird|werden|braucht|brauchen|soll|sollen"
    r"|bekommt|bekommen|kostet|zahlt|how|what|when|who|where|which|is|are|can|do|does|must)"
)
_BETWEEN: Final = re.compile(rf",?\s+(?:und|and|sowie)\s+(?={_ASKING}\b)")
_BEGINS: Final = re.compile(rf"^(?:(?:und|aber|oder|ausserdem)\s+)?{_ASKING}\b")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
MIN_WORDS: Final = (4, 3)
"""Words that the first and the second part must have: „In welcher Stadt" and „und wenn ja" are no questions."""


def split(question: str) -> tuple[str, ...]:
    """Return the two questions that `question` consists of, each with the sentences that lead to them; else nothing."""
    sentences = _SENTENCE.split(question)
    lead = [s for s in sentences if not s.endswith("?")]
    asking = [s for s in sentences if s.endswith("?")] or ([lead.pop()] if lead else [])
    if len(asking) == 1:
        asking = _halves(asking[0])
    if len(asking) != 2 or any(len(part.split()) < least for part, least in zip(asking, MIN_WORDS, strict=True)):
        return ()
    if not all(_asks(part) for part in asking):
        return ()
    before = " ".join(lead)
    return tuple(f"{before} {part}".strip() for part in asking)


def _halves(sentence: str) -> list[str]:
    """Return a sentence cut before the question that „und" adds to another one."""
    folded = fold(sentence)
    # Folding may change lengths (ß, ae), so the place is counted in words.
    found = [match for match in _BETWEEN.finditer(folded) if _asks_anywhere(folded[: match.start()])]
    if len(found) != 1:
        return [sentence]
    count = len(folded[: found[0].start()].split())
    tokens = sentence.split()
    first = " ".join(tokens[:count]).rstrip(",")
    second = " ".join(tokens[count + 1 :])
    return [f"{first}?", second]


def _asks(part: str) -> bool:
    folded = fold(part)
    return part.endswith("?") and (_BEGINS.search(folded) is not None or _asks_anywhere(folded))


def _asks_anywhere(folded: str) -> bool:
    return re.search(rf"(?:^|[,:–-]\s*|\s){_ASKING}\b", folded) is not None


def part_contexts(context: Context, resources: Resources) -> list[Context]:
    """Return one context a part, read and ready to be searched with; the second leans on the first."""
    children = []
    for number, part in enumerate(context.parts):
        child = Context(part, context.locale, language=context.language, is_part=True)
        before = (*context.history, *context.parts[:number])
        read(child, before, resources, leaning=number > 0)
        children.append(child)
    return children


def join(context: Context, children: list[Context]) -> None:
    """Put the answers of the parts together; what one part lacks is named, and without any the whole is tried."""
    context.judgement = max(
        (child.judgement for child in children if child.judgement is not None),
        key=lambda judgement: judgement.confidence,
        default=None,
    )
    answered = [child for child in children if child.outcome is None]
    if not answered:
        return
    context.hits = _interleaved([child.hits for child in children])
    context.ranked = sorted((c for child in answered for c in child.ranked), key=lambda chosen: -chosen.score)
    seen: set[tuple[str, int]] = set()
    for child in answered:
        for chosen in child.chosen:
            place = (chosen.hit.passage.id, chosen.number)
            if place not in seen:
                seen.add(place)
                context.chosen.append(chosen)
        context.missing += child.missing
    # Only the question is named, not the sentences that led to it.
    asked = [_SENTENCE.split(child.question)[-1].rstrip("?") for child in children if child.outcome is not None]
    context.missing += [f"„{question[:1].upper()}{question[1:]}?“" for question in asked]
    context.about_past = any(child.about_past for child in answered)


def _interleaved(lists: list[list[Hit]]) -> list[Hit]:
    """Return the hits of all lists by rank, each passage once."""
    found: dict[str, Hit] = {}
    for rank in range(max(map(len, lists), default=0)):
        for hits in lists:
            if rank < len(hits):
                found.setdefault(hits[rank].passage.id, hits[rank])
    return list(found.values())
