"""Review: corrections, objections, samples and reminders, after the daily work is done."""
