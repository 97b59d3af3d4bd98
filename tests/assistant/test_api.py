"""The HTTP API over a real server: answers, the event stream, refusals as problem details, readiness."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.answering.outcomes import ENGLISH_FRAME
from assistant.service import Asked, Service
from assistant.settings import Settings
from indexer.generation import CHROMA, MANIFEST, current_name, index_dir

QUESTION = "Welchen Zuschuss gibt es je Seminartag der Digitallotsen-Basisqualifizierung?"
ANSWERS = "/api/v1/answers"
STAGES = ["understand", "curated", "retrieve", "rank", "judge", "compose", "verify", "annotate"]
PROBLEM = "application/problem+json"
KEYS = {
    "answer_id", "conversation_id", "outcome", "text", "statements", "citations", "notices", "suggestions",
    "confidence", "flags", "review_case_id", "generation", "mode", "timings_ms", "trace",
}  # fmt: skip

Serve = Callable[[Callable[[], Service]], AbstractContextManager[str]]


def ask(client: httpx.Client, question: str = QUESTION, **more: Any) -> dict[str, Any]:
    response = client.post(ANSWERS, json={"question": question, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def assert_statements_are_stored(client: httpx.Client, answer: dict[str, Any]) -> None:
    """Every statement stands character for character in every passage that it cites."""
    citations = {citation["id"]: citation for citation in answer["citations"]}
    assert answer["statements"]
    for statement in answer["statements"]:
        assert statement["citations"]
        for number in statement["citations"]:
            citation = citations[number]
            passage = client.get(f"/api/v1/passages/{citation['passage_id']}").raise_for_status().json()
            assert statement["text"] in passage["text"]
            assert citation["quote"] in passage["text"]
            assert citation["stand"] == passage["stand"]
            assert citation["source_urls"]


def assert_problem(response: httpx.Response, status: int, part: str) -> dict[str, Any]:
    """A problem of RFC 9457 whose detail holds `part` and that says what to do."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    body: dict[str, Any] = response.json()
    assert body.keys() == {"type", "title", "status", "detail", "hint"}
    assert body["status"] == status
    assert body["type"].startswith("urn:lotse:problem:")
    assert part in body["detail"]
    assert body["hint"], "a problem says what to do"
    return body


def events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    data: list[str] = []
    for line in response.iter_lines():
        if line == "":
            if data:
                yield name, json.loads("\n".join(data))
            name, data = "", []
        elif line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))


def stream(client: httpx.Client, body: dict[str, Any]) -> list[tuple[str, Any]]:
    """Ask and return the events."""
    with client.stream("POST", ANSWERS, json=body) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        return list(events(response))


def test_answer_has_the_documented_shape_and_quotes_only_stored_text(client: httpx.Client) -> None:
    answer = ask(client)
    assert answer.keys() == KEYS
    assert answer["outcome"] == "answered"
    assert answer["mode"] == "extractive"
    assert any("100 Euro" in statement["text"] for statement in answer["statements"])
    assert answer["trace"]["query"] == QUESTION
    assert answer["trace"]["kinds"] == ["amount", "list"]
    assert answer["trace"]["reasons"]
    assert all(statement["text"] in answer["text"] for statement in answer["statements"])
    assert 0 < answer["confidence"] <= 1
    assert list(answer["timings_ms"]) == STAGES
    assert [citation["id"] for citation in answer["citations"]] == list(range(1, len(answer["citations"]) + 1))
    assert_statements_are_stored(client, answer)


def test_answer_can_be_read_again_as_it_was_given(client: httpx.Client) -> None:
    answer = ask(client)
    assert client.get(f"{ANSWERS}/{answer['answer_id']}").raise_for_status().json() == answer


def test_same_question_gets_the_same_answer(client: httpx.Client) -> None:
    one, other = ask(client), ask(client)
    assert one["answer_id"] != other["answer_id"]
    assert one["conversation_id"] != other["conversation_id"]
    assert (one["text"], one["citations"]) == (other["text"], other["citations"])


def test_a_remembered_answer_holds_only_what_is_sent(service: Service) -> None:
    long = " ".join(f"Förderprogramm{number}" for number in range(120))
    service.answer(Asked(QUESTION))
    service.answer(Asked(long))
    kept = list(service._walked.values())
    assert {context.question for context in kept} >= {QUESTION, long}
    assert max(len(pickle.dumps(context)) for context in kept) < 100_000, "512 of them fit a small machine"


def test_stream_brings_stages_then_parts_then_the_whole(client: httpx.Client) -> None:
    # Two spaces: the same question, which no other test has put into the service's cache.
    body = {"question": QUESTION.replace(" ", "  ", 1), "stream": True}
    received = stream(client, body)
    names = [name for name, _ in received]
    count = names.count("status")
    assert names[:count] == ["status"] * count
    # A stage of several steps is told once for each.
    assert list(dict.fromkeys(data["stage"] for _, data in received[:count])) == STAGES
    assert all(data["text"].startswith("Ich ") for _, data in received[:count])
    assert set(names[count:-1]) == {"notice", "citation", "statement"}
    assert names[-1] == "done"
    done = received[-1][1]
    assert done.keys() == KEYS
    for kind, whole in (("notice", "notices"), ("citation", "citations"), ("statement", "statements")):
        assert [data for name, data in received if name == kind] == done[whole]
    # A statement comes when the page can already open what it cites.
    assert names.index("statement") > max(i for i, name in enumerate(names) if name == "citation")
    assert_statements_are_stored(client, done)
    assert client.get(f"{ANSWERS}/{done['answer_id']}").raise_for_status().json() == done
    # Asked again it comes from the cache: nothing to wait for, the same parts, an answer of its own.
    again = stream(client, body)
    assert again[0][0] == "status"
    assert again[1:-1] == received[count:-1]
    assert again[-1][1]["answer_id"] != done["answer_id"]
    assert again[-1][1]["text"] == done["text"]


def test_stream_of_an_unanswerable_question_has_no_statement(client: httpx.Client) -> None:
    received = stream(client, {"question": "Wie wird das  Wetter morgen?", "stream": True})
    names = [name for name, _ in received]
    assert set(names[:-1]) == {"status"}
    assert names[-1] == "done"
    assert received[-1][1]["text"]


def test_follow_up_leans_on_its_conversation(client: httpx.Client) -> None:
    first = ask(client, "Wie viele Projekte wurden in der ersten Runde von Future Communities gefördert?")
    follow_up = "Und in welchem Jahr war das?"
    second = ask(client, follow_up, conversation_id=first["conversation_id"])
    assert second["conversation_id"] == first["conversation_id"]
    assert second["outcome"] == "answered"
    assert any("Future Communities" in c["title"] for c in second["citations"])
    assert_statements_are_stored(client, second)
    alone = ask(client, follow_up)
    assert alone["text"] != second["text"], "without the conversation the question has no subject"


def test_history_in_the_request_works_like_a_conversation(client: httpx.Client) -> None:
    first = "Wie viele Projekte wurden in der ersten Runde von Future Communities gefördert?"
    follow_up = "Und in welchem Jahr war das?"
    remembered = ask(client, follow_up, conversation_id=ask(client, first)["conversation_id"])
    assert ask(client, follow_up, history=[first])["text"] == remembered["text"]


def test_english_question_gets_an_english_frame_around_german_quotes(client: httpx.Client) -> None:
    question = "What does the state pay per seminar day of the Digitallotsen Basisqualifizierung?"
    answer = ask(client, question, locale="en")
    assert ENGLISH_FRAME in answer["text"]
    assert "100 Euro" in answer["statements"][0]["text"]
    assert_statements_are_stored(client, answer)


def raw(content: bytes) -> dict[str, Any]:
    return {"content": content, "headers": {"content-type": "application/json"}}


BAD_REQUESTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "empty": ({"json": {"question": ""}}, 422, "Die Frage ist leer."),
    "blank": ({"json": {"question": " \n\t "}}, 422, "Die Frage ist leer."),
    "missing": ({"json": {}}, 422, "Die Frage fehlt."),
    "100,000 characters": (
        {"json": {"question": "ä" * 100_000}}, 422, "Die Frage ist zu lang (100000 Zeichen, erlaubt sind 2000).",
    ),
    "2001 characters": ({"json": {"question": "a" * 2001}}, 422, "(2001 Zeichen, erlaubt sind 2000)"),
    "number": ({"json": {"question": 5}}, 422, "Die Frage hat nicht die erwartete Form."),
    "null": ({"json": {"question": None}}, 422, "Die Frage hat nicht die erwartete Form."),
    "list as body": ({"json": [QUESTION]}, 422, "hat nicht die erwartete Form."),
    "unknown language": ({"json": {"question": "x", "locale": "fr"}}, 422, "Die Sprache hat nicht"),
    "unknown channel": ({"json": {"question": "x", "channel": "fax"}}, 422, "Der Kanal hat nicht"),
    "stream as text": ({"json": {"question": "x", "stream": "vielleicht"}}, 422, "„stream“ hat nicht"),
    "history as text": ({"json": {"question": "x", "history": "y"}}, 422, "Der Verlauf hat nicht"),
    "long history": ({"json": {"question": "x", "history": ["y"] * 21}}, 422, "Der Verlauf ist zu lang"),
    "extra field": ({"json": {"question": "x", "temperatur": 1}}, 422, "„temperatur“ kennt Lotse nicht."),
    "long conversation": ({"json": {"question": "x", "conversation_id": "a" * 65}}, 422, "Gesprächsnummer ist zu lang"),
    "lone surrogate": (raw(b'{"question": "\\ud800 Zuschuss?"}'), 422, "Die Frage"),
    "two faults": ({"json": {"locale": "fr"}}, 422, "Die Frage fehlt. Die Sprache hat"),
    "unknown conversation": ({"json": {"question": "x", "conversation_id": "0" * 32}}, 404, "Gespräch gibt es nicht"),
    "unknown conversation, streamed": (
        {"json": {"question": "x", "conversation_id": "0" * 32, "stream": True}}, 404, "Gespräch gibt es nicht",
    ),
    "not UTF-8": (raw('{"question": "Zuschüsse?"}'.encode("latin-1")), 400, "nicht lesbar"),
    "no JSON": (raw(b"Welchen Zuschuss gibt es?"), 400, "kein gültiges JSON"),
    "half JSON": (raw(b'{"question": "Welch'), 400, "kein gültiges JSON"),
    "no body": ({}, 400, "JSON"),
    "deep JSON": (raw(b"[" * 100_000), 400, ""),
    "over 256 KB": ({"json": {"question": "a" * 300_000}}, 413, "Die Anfrage ist zu groß."),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_REQUESTS)
def test_bad_request_is_a_german_problem_and_the_server_lives_on(case: str, client: httpx.Client) -> None:
    request, status, part = BAD_REQUESTS[case]
    body = assert_problem(client.post(ANSWERS, **request), status, part)
    assert "Traceback" not in json.dumps(body)
    assert ask(client)["outcome"] == "answered"


def test_body_over_256_kb_without_a_declared_length_is_too_large(client: httpx.Client) -> None:
    chunks = (b"a" * 65_536 for _ in range(8))
    response = client.post(ANSWERS, content=chunks, headers={"content-type": "application/json"})
    assert_problem(response, 413, "Die Anfrage ist zu groß.")
    assert ask(client)["outcome"] == "answered"


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/api/v1/gibtesnicht", "Diese Adresse gibt es nicht."),
        ("/gibtesnicht", "Diese Adresse gibt es nicht."),
        ("/static/../../../pyproject.toml", "Diese Adresse gibt es nicht."),
        ("/static/%2e%2e/server.py", "Diese Adresse gibt es nicht."),
        ("/api/v1/passages/gibtesnicht", "Diese Stelle gibt es"),
        ("/api/v1/documents/gibtesnicht", "Dieses Dokument gibt es nicht"),
        ("/api/v1/answers/gibtesnicht", "Diese Antwort gibt es nicht"),
    ],
)
def test_unknown_address_is_a_german_problem(path: str, part: str, client: httpx.Client) -> None:
    assert_problem(client.get(path), 404, part)


def test_wrong_method_is_a_problem(client: httpx.Client) -> None:
    response = client.delete(ANSWERS)
    assert_problem(response, 405, "nicht möglich")
    assert "POST" in response.headers["allow"]


def test_examples_are_answerable_and_bounded(client: httpx.Client) -> None:
    examples = client.get("/api/v1/examples", params={"count": 20}).raise_for_status().json()["examples"]
    assert len(examples) == len(set(examples)) == 20
    outcomes = {question: ask(client, question)["outcome"] for question in examples}
    assert {question for question, outcome in outcomes.items() if outcome != "answered"} == set()
    assert_problem(client.get("/api/v1/examples", params={"count": 0}), 422, "„count“")
    assert_problem(client.get("/api/v1/examples", params={"count": "viele"}), 422, "„count“")


def test_every_document_and_passage_can_be_opened(client: httpx.Client) -> None:
    documents = client.get("/api/v1/documents").raise_for_status().json()
    assert documents
    for document in documents:
        assert client.get(f"/api/v1/documents/{document['id']}").raise_for_status().json() == document
        previous = None
        for passage_id in document["passages"]:
            passage = client.get(f"/api/v1/passages/{passage_id}").raise_for_status().json()
            assert passage["document_id"] == document["id"]
            assert passage["previous_id"] == previous
            assert all(0 <= s["start"] < s["end"] <= len(passage["text"]) for s in passage["sentences"])
            previous = passage_id


def test_health(client: httpx.Client, service: Service) -> None:
    assert client.get("/healthz").raise_for_status().json()["status"] == "ok"
    ready = client.get("/readyz").raise_for_status().json()
    assert ready == {"status": "ready", "generation": service.generation.name}


def test_openapi_shows_a_question_that_works(client: httpx.Client) -> None:
    schema = client.get("/api/v1/openapi.json").raise_for_status().json()
    operation = schema["paths"][ANSWERS]["post"]
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    examples = schema["components"]["schemas"][name]["examples"]
    assert examples
    for example in examples:
        assert client.post(ANSWERS, json=example).raise_for_status().json()["outcome"] == "answered"
    assert {"400", "404", "413", "422", "503"} <= operation["responses"].keys()
    assert PROBLEM in operation["responses"]["422"]["content"]


def missing(data_dir: Path) -> str:
    shutil.rmtree(index_dir(data_dir))
    return "Es gibt noch keinen Index."


def without_manifest(data_dir: Path) -> str:
    (index_dir(data_dir) / current_name(data_dir) / MANIFEST).unlink()
    return "Der Index ist unvollständig."


def without_chroma(data_dir: Path) -> str:
    (index_dir(data_dir) / current_name(data_dir) / CHROMA / "chroma.sqlite3").unlink()
    return "unvollständig oder beschädigt"


def damaged_chroma(data_dir: Path) -> str:
    (index_dir(data_dir) / current_name(data_dir) / CHROMA / "chroma.sqlite3").write_bytes(b"kein SQLite" * 1000)
    return "unvollständig oder beschädigt"


def without_catalogue(data_dir: Path) -> str:
    (index_dir(data_dir) / current_name(data_dir) / "catalogue.db").unlink()
    return "unvollständig oder beschädigt"


def half_a_manifest(data_dir: Path) -> str:
    manifest = index_dir(data_dir) / current_name(data_dir) / MANIFEST
    manifest.write_text(manifest.read_text(encoding="utf-8")[:100], encoding="utf-8")
    return "beschädigt"


def wrong_pointer(data_dir: Path) -> str:
    (index_dir(data_dir) / "current").write_text("../../etc\n", encoding="utf-8")
    return "nennt keinen Index"


def other_model(data_dir: Path) -> str:
    manifest = index_dir(data_dir) / current_name(data_dir) / MANIFEST
    record = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**record, "model_id": "anderes-modell"}), encoding="utf-8")
    return "„anderes-modell“"


BROKEN = (
    missing, without_manifest, half_a_manifest, without_chroma, damaged_chroma, without_catalogue, wrong_pointer,
    other_model,
)  # fmt: skip


@pytest.mark.parametrize("damage", BROKEN, ids=lambda damage: damage.__name__)
def test_unusable_index_is_named_with_what_to_do(
    damage: Callable[[Path], str],
    tmp_path: Path,
    built_data_dir: Path,
    model_dir: Path,
    serving: Serve,
) -> None:
    data_dir = tmp_path / "kopie"
    shutil.copytree(built_data_dir / "index", data_dir / "index")
    part = damage(data_dir)
    settings = Settings(data_dir=data_dir, model_dir=model_dir, _env_file=None)
    with serving(lambda: Service(settings)) as address, httpx.Client(base_url=address, timeout=30) as client:
        assert client.get("/healthz").status_code == 200
        body = assert_problem(client.get("/readyz"), 503, part)
        assert "lotse index" in body["hint"]
        response = client.post(ANSWERS, json={"question": QUESTION})
        assert_problem(response, 503, part)
        assert response.headers["retry-after"].isdigit()
        assert client.get("/").status_code == 200, "the page itself can say what is wrong"


def test_lost_vector_files_never_change_an_answer(
    tmp_path: Path, built_data_dir: Path, model_dir: Path, client: httpx.Client, serving: Serve
) -> None:
    """Chroma keeps small collections in its database too: a copy without these files answers alike or not at all."""
    data_dir = tmp_path / "kopie"
    shutil.copytree(built_data_dir / "index", data_dir / "index")
    files = list((index_dir(data_dir) / current_name(data_dir) / CHROMA).glob("*/*"))
    assert files
    for file in files:
        file.unlink()
    settings = Settings(data_dir=data_dir, model_dir=model_dir, _env_file=None)
    with serving(lambda: Service(settings)) as address:
        response = httpx.post(f"{address}{ANSWERS}", json={"question": QUESTION}, timeout=30)
    if response.status_code == 503:
        assert_problem(response, 503, "unvollständig oder beschädigt")
    else:
        assert response.json()["text"] == ask(client)["text"]


def test_unforeseen_error_while_loading_does_not_reach_readers(serving: Serve) -> None:
    def load() -> Service:
        raise RuntimeError("geheimer Pfad /root")

    with serving(load) as address:
        body = assert_problem(httpx.get(f"{address}/readyz"), 503, "Lotse konnte nicht starten.")
    assert "lotse doctor" in body["hint"]
    assert "geheim" not in json.dumps(body)
