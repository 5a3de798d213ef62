"""Text to concepts."""
