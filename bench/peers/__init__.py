"""PEERS: other ledgers doing the same work, configured as their own documentation advises."""
