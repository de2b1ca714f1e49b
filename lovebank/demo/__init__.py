"""The demo: one readable story, driven over HTTP against the real server, every claim asserted."""
