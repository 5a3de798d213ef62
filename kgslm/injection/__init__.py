"""Concepts into the model: context, fusion, evidence."""
