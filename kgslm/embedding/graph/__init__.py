"""Vectors of concepts learnt from the relations between them. Nothing is imported here: most of it needs PyTorch."""
