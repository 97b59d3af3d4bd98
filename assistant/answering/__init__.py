"""From a question to a verified answer; :mod:`assistant.answering.path` shows the whole way."""
