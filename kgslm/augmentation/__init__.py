"""More training text that keeps its concepts."""
