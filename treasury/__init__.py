"""TREASURY: what treasurers decide about the books: adjustments, opening balances, periods."""
