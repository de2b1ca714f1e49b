"""One module per resource: each call reads its facts and makes one domain call."""
