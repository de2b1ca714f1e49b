"""People, households, units, roles, credentials and consent of one community."""
