"""German sentence ends."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sentences import sentence_spans, split_sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Am 31. Juli 2018 endete die Frist. Danach nicht.", 2),
        ("Gilt nach § 2 Abs. 1 Nr. 3 L-BGG, z. B. für Gemeinden. Dr. Debus sprach.", 2),
        ("In der 2. Runde gab es Geld. Die Summe war 1,08 Mio. Euro.", 2),
        ("Es waren 98. Die Summe war hoch.", 2),
        ("Sie fand 2019 statt. 2020 nicht.", 2),
        ("Träger ist die Digitalakademie@bw. Kommunen machen mit.", 2),
        ("Wer fragt? Die Kämmerin! Gut.", 3),
        ("Ein Satz ohne Punkt", 1),
        ("", 0),
    ],
)
def test_sentences(text: str, expected: int) -> None:
    assert len(split_sentences(text)) == expected


@given(st.text(alphabet=st.sampled_from("aA1 .!?„“§zB\u00a0ä")))
def test_nothing_but_white_space_is_lost(text: str) -> None:
    spans = sentence_spans(text)
    assert "".join(text[a:b] for a, b in spans).replace(" ", "").replace("\u00a0", "") == text.replace(" ", "").replace(
        "\u00a0", ""
    )
    assert all(a < b for a, b in spans)
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(spans))
