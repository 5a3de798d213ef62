"""Concepts to vectors."""
