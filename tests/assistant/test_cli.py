"""The command line as people run it: a process of its own, its output, its exit code."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

QUESTION = "Welchen Zuschuss gibt es je Seminartag der Digitallotsen-Basisqualifizierung?"
HEAVY = (
    "chromadb", "torch", "onnxruntime", "numpy", "fastapi", "pydantic", "langchain_core", "sqlalchemy", "uvicorn",
    "tokenizers", "sentence_transformers",
)  # fmt: skip


PATIENCE = 600
"""Seconds after which a process hangs: the index takes one and a half minutes, on a busy machine much longer."""


def run(*args: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `lotse` with the test's own environment and `settings` as LOTSE_…."""
    return python("-m", "assistant", *args, **settings)


def python(*args: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *args],
        env=environment(**settings),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def environment(**settings: str) -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1", **{f"LOTSE_{name.upper()}": value for name, value in settings.items()}}


def assert_refused(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Exit 1 with a German sentence and a hint on stderr, no traceback."""
    assert result.returncode == 1, result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("Fehler: ")
    for part in parts:
        assert part in result.stderr


def loaded_after(code: str, **settings: str) -> set[str]:
    """Return which of the heavy packages a process holds after running `code`."""
    report = f"import sys; {code}; print(*sorted(set({HEAVY!r}) & sys.modules.keys()), file=sys.stderr)"
    result = python("-c", report, **settings)
    assert result.returncode == 0, result.stderr
    return set(result.stderr.splitlines()[-1].split())


@pytest.fixture
def data_dir(built_data_dir: Path) -> str:
    return str(built_data_dir)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def test_help_names_every_command() -> None:
    result = run("--help")
    assert result.returncode == 0
    for command in ("serve", "index", "ask", "doctor", "corpus"):
        assert command in result.stdout
    assert result.stderr == ""


def test_help_loads_nothing_heavy() -> None:
    code = "sys.argv = ['lotse', '--help']; from assistant.cli import app; app(standalone_mode=False)"
    assert loaded_after(code) == set()


def test_probe_for_heavy_packages_sees_them() -> None:
    assert loaded_after("import pydantic") == {"pydantic"}


def test_ask_does_not_load_torch_or_the_server(data_dir: str) -> None:
    code = f"from assistant.cli.ask import run; run({QUESTION!r}, as_json=True, batch=None, out=None, locale='de')"
    loaded = loaded_after(code, data_dir=data_dir)
    assert "onnxruntime" in loaded, "the question was embedded for real"
    assert loaded.isdisjoint({"torch", "sentence_transformers", "uvicorn"})


def test_unknown_command_fails_with_usage() -> None:
    result = run("frag")
    assert result.returncode == 2
    assert "frag" in result.stderr
    assert "Traceback" not in result.stderr


def test_ask_prints_statements_with_their_sources(data_dir: str) -> None:
    result = run("ask", QUESTION, data_dir=data_dir)
    assert result.returncode == 0, result.stderr
    answer, _, sources = result.stdout.partition("\nQuellen\n")
    assert "100 Euro" in answer
    assert "[1]" in answer
    assert "[1] " in sources
    assert "Stand " in sources
    assert "https://www.staedtetag-bw.de/" in sources
    assert "\x1b[" not in result.stdout, "no colours into a pipe"
    assert result.stderr == ""


def test_ask_does_not_break_lines_in_a_pipe(data_dir: str) -> None:
    printed = run("ask", QUESTION, data_dir=data_dir).stdout
    for statement in json.loads(run("ask", QUESTION, "--json", data_dir=data_dir).stdout)["statements"]:
        assert statement["text"] in printed


def test_ask_as_json_has_the_shape_of_the_api(data_dir: str) -> None:
    from assistant.api.schema import AnswerShape

    result = run("ask", QUESTION, "--json", data_dir=data_dir)
    assert result.returncode == 0, result.stderr
    answer = AnswerShape.model_validate_json(result.stdout)
    assert answer.outcome == "answered"
    assert any("100 Euro" in statement.text for statement in answer.statements)
    assert {n for s in answer.statements for n in s.citations} == {citation.id for citation in answer.citations}


def test_ask_says_when_nothing_is_documented(data_dir: str) -> None:
    result = run("ask", "Wie wird das Wetter morgen?", data_dir=data_dir)
    assert result.returncode == 0
    assert "Quellen\n" not in result.stdout
    assert result.stdout.strip()


def test_ask_does_not_read_markup_in_a_question(data_dir: str) -> None:
    result = run("ask", "[bold]Hallo[/bold] [/] [red", data_dir=data_dir)
    assert result.returncode == 0, result.stderr


def test_ask_without_index_names_the_command_that_builds_it() -> None:
    assert_refused(run("ask", QUESTION), "Es gibt noch keinen Index.", "lotse index")


@pytest.mark.parametrize(
    ("args", "part"),
    [
        ((), "Bitte eine Frage stellen"),
        (("",), "Die Frage ist leer."),
        (("   ",), "Die Frage ist leer."),
        (("a" * 2001,), "2001 Zeichen"),
        ((QUESTION, "--locale", "fr"), "Die Sprache"),
        (("--batch", "fragen.jsonl"), "--out"),
        (("--batch", "gibtesnicht.jsonl", "--out", "antworten.jsonl"), "gibtesnicht.jsonl"),
        ((QUESTION, "--batch", "fragen.jsonl", "--out", "antworten.jsonl"), "Bitte eine Frage stellen"),
    ],
)
def test_ask_refuses_what_it_cannot_use(args: tuple[str, ...], part: str, data_dir: str) -> None:
    assert_refused(run("ask", *args, data_dir=data_dir), part)


def write_batch(path: Path, *lines: bytes | dict[str, Any]) -> None:
    encoded = [line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines]
    path.write_bytes(b"\n".join(encoded) + b"\n")


def test_batch_answers_good_lines_and_numbers_bad_ones(tmp_path: Path, data_dir: str) -> None:
    batch, out = tmp_path / "fragen.jsonl", tmp_path / "antworten.jsonl"
    write_batch(
        batch,
        b"\xef\xbb\xbf" + json.dumps({"id": "mit-bom", "frage": QUESTION}).encode(),
        b"{kein JSON",
        {"id": 7, "frage": "Wie wird das Wetter morgen?", "thema": "unbekanntes Feld"},
        '{"id": "latin", "frage": "Zuschüsse?"}'.encode("latin-1"),
        b"",
        {"id": "ohne-frage"},
        b"[1, 2]",
        b"null",
        {
            "id": "verlauf",
            "frage": "Und in welchem Jahr war das?",
            "verlauf": ["Wie viele Projekte wurden in der ersten Runde von Future Communities gefördert?"],
        },
        {"id": "leer", "frage": "  "},
    )
    result = run("ask", "--batch", str(batch), "--out", str(out), data_dir=data_dir)
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    reported = [int(line.split()[1].rstrip(":")) for line in result.stderr.splitlines() if line.startswith("Zeile ")]
    assert reported == [2, 4, 6, 7, 8, 10]
    assert "Zeile 2: Die Zeile ist kein gültiges JSON." in result.stderr
    assert "Zeile 4: Die Zeile ist nicht in UTF-8." in result.stderr
    assert "Zeile 6: „frage“ fehlt" in result.stderr
    assert "3 Fragen beantwortet, 6 Zeilen unlesbar" in result.stderr

    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [record["id"] for record in records] == ["mit-bom", 7, "verlauf"]
    first, weather, follow_up = records
    assert any("100 Euro" in statement["text"] for statement in first["statements"])
    assert weather["statements"] == []
    assert weather["outcome"] in ("unanswerable", "out_of_scope")
    assert any("Future Communities" in citation["title"] for citation in follow_up["citations"])
    assert sorted(path.name for path in tmp_path.glob("antworten*")) == ["antworten.jsonl"]


def test_batch_without_bad_lines_succeeds(tmp_path: Path, data_dir: str) -> None:
    batch, out = tmp_path / "fragen.jsonl", tmp_path / "antworten.jsonl"
    write_batch(batch, {"id": "a", "frage": QUESTION})
    result = run("ask", "--batch", str(batch), "--out", str(out), data_dir=data_dir)
    assert result.returncode == 0, result.stderr
    assert json.loads(out.read_text(encoding="utf-8"))["id"] == "a"


def test_batch_into_a_missing_folder_is_refused(tmp_path: Path, data_dir: str) -> None:
    batch = tmp_path / "fragen.jsonl"
    write_batch(batch, {"id": "a", "frage": QUESTION})
    result = run("ask", "--batch", str(batch), "--out", str(tmp_path / "fehlt" / "a.jsonl"), data_dir=data_dir)
    assert_refused(result, "lässt sich nicht schreiben")


def test_serve_answers_and_ends_on_a_signal(data_dir: str, free_port: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "serve", "--port", str(free_port)],
        env=environment(data_dir=data_dir),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert f"http://127.0.0.1:{free_port}/" in line
            transport = httpx.HTTPTransport(retries=8)  # backs off until the port listens
            with httpx.Client(base_url=f"http://127.0.0.1:{free_port}", transport=transport, timeout=60) as client:
                assert client.get("/healthz").status_code == 200
                assert "<title>Lotse</title>" in client.get("/").text
        finally:
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert process.returncode in (0, 130)


def test_serve_on_a_taken_port_says_so(data_dir: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_refused(run("serve", data_dir=data_dir, port=port), f"Port {port} ist schon belegt", "LOTSE_PORT=")
        assert_refused(run("serve", "--port", port, data_dir=data_dir), f"Port {port} ist schon belegt")


def test_serve_at_an_address_of_another_machine_says_so(data_dir: str, free_port: int) -> None:
    result = run("serve", data_dir=data_dir, host="192.0.2.1", port=str(free_port))
    assert_refused(result, "192.0.2.1", "LOTSE_HOST")


@pytest.mark.parametrize("command", ["serve", "index", "ask"])
@pytest.mark.parametrize("place", ["below a file", "/proc"])
def test_unwritable_data_dir_is_named_with_what_to_do(command: str, place: str, tmp_path: Path) -> None:
    (tmp_path / "datei").write_text("x")
    data_dir = "/proc/lotse" if place == "/proc" else str(tmp_path / "datei" / "daten")
    args = (command, QUESTION) if command == "ask" else (command,)
    assert_refused(run(*args, data_dir=data_dir), data_dir, "kann Lotse nicht schreiben", "LOTSE_DATA_DIR")


@pytest.mark.parametrize(
    ("setting", "value", "hint"),
    [
        ("port", "achttausend", "1 bis 65535"),
        ("port", "0", "1 bis 65535"),
        ("port", "70000", "1 bis 65535"),
        ("today", "gestern", "ein Datum wie 2026-11-24"),
        ("today", "2026-02-30", "ein Datum wie 2026-11-24"),
        ("threads", "0", "eine Zahl ab 1"),
        ("corpus_dir", "/gibt/es/nicht", "/gibt/es/nicht"),
    ],
)
def test_wrong_setting_is_named_with_a_hint(setting: str, value: str, hint: str, data_dir: str) -> None:
    result = run("ask", QUESTION, **{"data_dir": data_dir, setting: value})
    assert_refused(result, f"LOTSE_{setting.upper()}", value, hint)


def test_two_wrong_settings_are_both_named(data_dir: str) -> None:
    result = run("ask", QUESTION, data_dir=data_dir, port="x", today="y")
    assert_refused(result, "LOTSE_PORT", "LOTSE_TODAY")


def test_settings_are_read_from_a_file_in_the_working_folder(tmp_path: Path, data_dir: str) -> None:
    (tmp_path / ".env").write_text("LOTSE_PORT=achttausend\n", encoding="utf-8")
    assert_refused(run("ask", QUESTION, data_dir=data_dir), "LOTSE_PORT")


def test_doctor_finds_everything_in_place(built_data_dir: Path, tmp_path: Path, free_port: int) -> None:
    data_dir = tmp_path / "kopie"
    shutil.copytree(built_data_dir / "index", data_dir / "index")
    result = run("doctor", data_dir=str(data_dir), port=str(free_port))
    assert result.returncode == 0, result.stdout
    lines = result.stdout.splitlines()
    assert len(lines) == 8
    assert all(line.startswith("ok ") for line in lines)


def test_doctor_names_all_that_is_missing_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("doctor", port=str(taken.getsockname()[1]))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    failed = {line.split()[1].rstrip(":") for line in result.stdout.splitlines() if line.startswith("FEHLER")}
    assert failed == {"Index", "Port"}
    assert "lotse index" in result.stdout


def test_doctor_reports_an_unwritable_data_dir(tmp_path: Path, free_port: int) -> None:
    (tmp_path / "datei").write_text("x")
    result = run("doctor", data_dir=str(tmp_path / "datei" / "daten"), port=str(free_port))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "FEHLER  Datenordner" in result.stdout
    assert "FEHLER  Datenbank" in result.stdout


def test_index_builds_then_finds_nothing_to_do_then_answers() -> None:
    built = run("index")
    assert built.returncode == 0, built.stderr
    assert "gebaut" in built.stderr
    again = run("index")
    assert again.returncode == 0
    assert "Der Index ist aktuell" in again.stderr
    assert "100 Euro" in run("ask", QUESTION).stdout


def test_corpus_check_passes_the_shipped_corpus_and_names_a_broken_document(tmp_path: Path) -> None:
    good = run("corpus", "check")
    assert good.returncode == 0, good.stderr
    assert "keine Fehler" in good.stdout
    broken = tmp_path / "corpus"
    broken.mkdir()
    (broken / "kaputt.md").write_text("Kein Kopf, nur Text.\n", encoding="utf-8")
    refused = run("corpus", "check", corpus_dir=str(broken))
    assert refused.returncode == 1
    assert refused.stderr.startswith("kaputt.md:1: Fehler [schema] Der Kopf")
    assert "Traceback" not in refused.stderr
