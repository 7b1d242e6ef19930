"""What people fill in to put incidents on record and to look after them; the forms of moves are in `move_forms`."""
