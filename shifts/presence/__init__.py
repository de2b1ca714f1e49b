"""Presence: scans in and out, breaks, what is entered from paper, and what speaks for each stay."""
