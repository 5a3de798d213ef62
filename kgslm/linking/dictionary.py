"""The dictionary linker."""
