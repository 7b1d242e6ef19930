"""What may be done with the roster: a module for each story, each function a verb."""
