"""Labelled data and documents in and out."""
