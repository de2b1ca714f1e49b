"""What is on the shelf: batches with their value and best-before, and what leaves it unsold."""
