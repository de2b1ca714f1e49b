"""The rota: red posts, activities, templates, shifts, and who has a place in them."""
