"""What leaves the library: sessions as files that others can open. Imports only what is asked for.

`content` says what is inside (pure); `pencast` writes the .html, `audio` the sound.
"""
