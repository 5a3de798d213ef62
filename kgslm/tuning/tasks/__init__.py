"""Tasks: what a model learns to say of a text. A new one is a file and a line in ``TASKS``."""
