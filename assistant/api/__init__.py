"""The HTTP API: version 1 below /api/v1, health, errors as problem details."""
