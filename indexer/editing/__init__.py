"""Tools for the people who write the corpus: checks, coverage, templates, course material."""
