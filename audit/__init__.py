"""AUDIT: who did what, why and when; append-only, in the same transaction as the deed."""
