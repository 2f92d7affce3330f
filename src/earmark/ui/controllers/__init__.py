"""What the window does when asked: a controller for each thing a person works with."""
