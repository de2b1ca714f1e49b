"""Codes: mint and read tokens, draw them, and the one scan function for every code."""
