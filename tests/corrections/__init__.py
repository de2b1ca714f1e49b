"""Sequences of correction, each with the figures it must end in."""
