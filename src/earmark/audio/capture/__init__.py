"""The capture process: device → bounded queue → journal, peaks, level. No Qt, numpy or database.

`python -m earmark.audio.capture --library DIR`; `client` is the side of whoever starts it. The
protocol is in docs/design.md.
"""
