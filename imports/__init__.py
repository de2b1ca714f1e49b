"""Import: people, past attendance and paper passbooks, from the spreadsheets that there are."""
