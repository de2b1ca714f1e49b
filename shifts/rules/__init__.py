"""Award rules as data: versions in force from a date, and the pure sum that they make."""
