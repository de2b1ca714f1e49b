"""TRUTH: accounts, transfers, balances and lots; knows accounts, never people."""
