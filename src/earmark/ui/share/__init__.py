"""Share as the window offers it: one sheet for a session, a line or an event; and what others
shared, coming in."""
