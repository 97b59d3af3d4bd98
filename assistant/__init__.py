"""The answering service: retrieval, the answer path, verification, conversations, the HTTP API and the command line."""
