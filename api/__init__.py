"""JSON API v1: one module per resource, each call declared once (api.calls), served by api.site.

Invariant: importing this package alone loads no web framework: commands that need the tables of its
models (api.models) and nothing else start without one.
"""
