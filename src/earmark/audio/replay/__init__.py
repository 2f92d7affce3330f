"""Replay: a child process that plays takes, and the client that steers it.

Import the submodule you need: `client` is light; `engine` and what it uses load numpy and
PortAudio and belong into the child process (`python -m earmark.audio.replay`).
"""
