"""Learning: adapters, heads, model, batches, loop, checkpoint."""
