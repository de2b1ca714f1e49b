"""MESSAGES: what people are told: one outbox, written in the unit that causes the message."""
