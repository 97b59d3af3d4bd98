"""The chat page in the browser and the routes that serve it."""
