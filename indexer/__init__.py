"""Reads the corpus and makes the index: documents, passages, vectors, lexical index, generations."""
