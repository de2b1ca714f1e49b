"""The books against a model of plain dictionaries: the same deeds on both engines and on paper."""
