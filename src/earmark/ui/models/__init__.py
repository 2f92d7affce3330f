"""The speech models' page: a sheet over the notes, and the desk that acts for it."""
