"""Answers out, with citations."""
