"""Local transcription: engines behind one protocol in a child process, and their models."""
