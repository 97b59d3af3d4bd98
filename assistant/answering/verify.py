"""Step 7: hold every statement against the stored passage that it cites; what differs does not leave the service."""

from __future__ import annotations

import datetime as dt

from assistant.answering.context import AnswerStatement, Citation, Context, Resources
from assistant.answering.outcomes import OUTCOME_TEXTS, Outcome
from indexer.chunking import Passage
from indexer.records import DocumentRecord

FLAG_DROPPED = "verifier_dropped"


def verify(context: Context, resources: Resources) -> None:
    """Fill `statements` and `citations` with what the catalogue holds; end if nothing is left.

    The text is read again from the catalogue, not from what retrieval carried along, so an error anywhere before
    cannot become a quote.
    """
    catalogue = resources.generation.catalogue
    stored = catalogue.passages([chosen.hit.passage.id for chosen in context.chosen])
    for chosen in context.chosen:
        passage = stored.get(chosen.hit.passage.id)
        document = catalogue.document(passage.document_id) if passage is not None else None
        quote = chosen.text
        # The whole stored sentence, not just a part of it: a cut-off „nicht" would reverse the meaning.
        if passage is None or document is None or quote != stored_statement(passage, chosen.number):
            context.flags.append(FLAG_DROPPED)
            continue
        number = len(context.citations) + 1
        context.citations.append(cite(number, passage, chosen.number, document, resources.today))
        context.statements.append(AnswerStatement(quote, (number,)))
    if not context.statements:
        context.outcome = Outcome.UNANSWERABLE
        context.text = OUTCOME_TEXTS[context.outcome][context.language]


def stored_statement(passage: Passage, number: int) -> str | None:
    """Return sentence `number` of a stored passage, or None if it has none."""
    if not 0 <= number < len(passage.sentences):
        return None
    sentence = passage.sentences[number]
    return passage.text[sentence.start : sentence.end]


def cite(number: int, passage: Passage, statement: int, document: DocumentRecord, today: dt.date) -> Citation:
    """Return the citation of a stored statement with the original sources of just this statement."""
    sentence = passage.sentences[statement]
    sources = tuple(document.sources[key] for key in sentence.source_ids if key in document.sources)
    return Citation(
        id=number,
        document_id=document.id,
        passage_id=passage.id,
        title=document.title,
        heading_path=passage.heading_path,
        quote=passage.text[sentence.start : sentence.end],
        source_urls=tuple(source.url for source in sources if source.url),
        sources=sources,
        publisher=", ".join(dict.fromkeys(source.publisher for source in sources)) or document.publisher,
        stand=document.stand,
        valid_until=document.valid_until,
        status=document.status_on(today).value,
        validity=sentence.validity,
        page=passage.page,
    )
