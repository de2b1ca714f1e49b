"""Approval: who decides, on which rows, and the award that follows or is taken back."""
