"""`python -m lovebank` is the command line."""

from lovebank.cli import main

main(prog_name="lovebank")
