"""Knowledge in: readers, build, pack, graph view, store."""
