"""The vectors in Chroma: three collections of one generation, written once, opened by one process at a time.

Chroma's PersistentClient is not process-safe: a reader that is open does not see another process's vectors. So an
index run writes only into the directory of the generation it builds, and a server opens only finished generations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexerError

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

# The defaults lose 4–8 % of true neighbours on real vectors; these give recall@10 ≥ 0.99 at 10,000 vectors.
HNSW: Final[CreateHNSWConfiguration] = {
    "space": "cosine",
    "ef_construction": 200,
    "ef_search": 200,
    "max_neighbors": 32,
}
BATCH: Final = 2000
"""Rows of one write; Chroma refuses more than 5,461."""


class Space(StrEnum):
    """What the vectors of a collection stand for."""

    PASSAGES = "passages"
    SENTENCES = "sentences"
    QUESTIONS = "questions"


class VectorStore:
    """The vectors of one generation."""

    def __init__(self, folder: Path) -> None:
        """Open or create the Chroma database in `folder`."""
        import chromadb
        from chromadb.config import Settings

        self._client = chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
        self._collections: dict[Space, Collection] = {}

    def create(self, space: Space) -> None:
        """Create an empty collection."""
        # embedding_function=None: Chroma's default would fetch a model from the network at the first write.
        self._collections[space] = self._client.create_collection(
            space.value, embedding_function=None, configuration={"hnsw": HNSW}
        )

    def add(
        self,
        space: Space,
        ids: Sequence[str],
        vectors: NDArray[np.float32],
        metadata: Sequence[dict[str, str | int]],
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Write `vectors` (len(ids), dimension); raises IndexerError if Chroma cannot."""
        from chromadb.errors import ChromaError

        collection = self.collection(space)
        for start in range(0, len(ids), BATCH):
            end = min(start + BATCH, len(ids))
            try:
                collection.add(
                    ids=list(ids[start:end]),
                    embeddings=vectors[start:end],
                    metadatas=list(metadata[start:end]),
                )
            except ChromaError as error:
                # A full disk reaches us as „Error in compaction", without the cause.
                raise IndexerError(
                    f"Chroma kann die Vektoren nicht schreiben ({error}); der bisherige Index bleibt in Betrieb.",
                    "Bitte prüfen, ob auf dem Datenträger noch Platz ist, und „lotse index“ noch einmal ausführen.",
                ) from error
            if progress is not None:
                progress(end)

    def collection(self, space: Space) -> Collection:
        """Return a collection of this generation."""
        if space not in self._collections:
            self._collections[space] = self._client.get_collection(space.value, embedding_function=None)
        return self._collections[space]

    def count(self, space: Space) -> int:
        """Return the number of vectors."""
        return self.collection(space).count()

    def nearest(self, space: Space, vector: NDArray[np.float32], count: int) -> list[tuple[str, float, dict[str, Any]]]:
        """Return the nearest rows as (id, cosine, metadata), best first."""
        found = self.collection(space).query(
            query_embeddings=vector[None, :], n_results=count, include=["distances", "metadatas"]
        )
        distances, metadatas = found["distances"], found["metadatas"]
        assert distances is not None  # both were asked for
        assert metadatas is not None
        return [
            (row, 1.0 - distance, dict(metadata))
            for row, distance, metadata in zip(found["ids"][0], distances[0], metadatas[0], strict=True)
        ]

    def vectors(self, space: Space, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the stored vectors of `ids`."""
        if not ids:
            return {}
        found = self.collection(space).get(ids=list(ids), include=["embeddings"])
        embeddings = found["embeddings"]
        assert embeddings is not None  # they were asked for
        return {row: np.asarray(vector, np.float32) for row, vector in zip(found["ids"], embeddings, strict=True)}

    def probe(self, space: Space) -> None:
        """Read one stored vector; raises ChromaError if the vector files are lost.

        Chroma counts rows from its database, and without its vector files it searches what is left and says nothing.
        """
        self.collection(space).get(limit=1, include=["embeddings"])

    def close(self) -> None:
        """Release files and memory; Chroma keeps a database open per path until told."""
        self._collections.clear()
        cast("Client", self._client).close()
