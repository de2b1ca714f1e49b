"""The program: puts the rooms together and holds no rules."""
