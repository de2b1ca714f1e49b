"""BENCH: measurements against the physical floor and the peers; no room knows of it."""
