"""Asks the corpus's own section questions and reports what came back: `python -m eval.smoke`.

No measure of quality (the section questions are in the index), but of what breaks: outcomes, quotes that are not
in their passage, answers of another document. The curated question set will replace it.
"""

from __future__ import annotations

from collections import Counter

from assistant.answering.context import Resources
from assistant.answering.judge import load_calibration
from assistant.answering.path import walk
from assistant.clock import clock
from assistant.settings import load_settings
from indexer.embedding import load_embedder
from indexer.generation import Generation


def main() -> None:
    """Print counts of outcomes and of answers whose first citation is of the question's own document."""
    settings = load_settings()
    embedder = load_embedder(settings.embedding_model, settings.models, threads=settings.threads)
    generation = Generation(settings.data_dir, model_id=embedder.model_id)
    resources = Resources(generation, embedder, load_calibration(), clock(settings.today)())
    outcomes: Counter[str] = Counter()
    own = passage_hits = quoted = total = 0
    for passage in generation.catalogue.all_passages():
        for question in passage.questions:
            context = walk(question, resources)
            total += 1
            outcomes[str(context.outcome)] += 1
            if context.citations:
                own += context.citations[0].document_id == passage.document_id
                passage_hits += any(citation.passage_id == passage.id for citation in context.citations)
            stored = generation.catalogue.passages([citation.passage_id for citation in context.citations])
            quoted += all(citation.quote in stored[citation.passage_id].text for citation in context.citations)
    print(f"{total} section questions: {dict(outcomes)}")
    print(
        f"first citation from the question's document: {own / total:.3f}; its section cited: {passage_hits / total:.3f}"
    )
    print(f"answers whose quotes are all in their passage: {quoted / total:.3f}")
    generation.close()


if __name__ == "__main__":
    main()
