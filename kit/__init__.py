"""Tools without business: database, errors, clock, ids, keys. Imports no other room."""
