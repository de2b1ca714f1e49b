"""The tables of this room: they stand below every rule, and know none."""
