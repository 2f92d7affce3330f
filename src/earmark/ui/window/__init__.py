"""The main window, in small parts that are joined here."""
