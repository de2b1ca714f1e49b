"""What runs across rooms, read-only: the chain of a number, the check, the public account."""
