"""Front ends of Lotse; they talk to the service over its HTTP API alone."""
