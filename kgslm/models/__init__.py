"""Which backbone: catalogue of known small models, loading, device and dtype."""
