"""EARN: red posts, activities, shifts, sign-ups, attendance, approvals, rules and awards."""
