"""Share's worker: a share is encoded and written in a process of its own.

`client` starts it and loads nothing heavy; `python -m earmark.share.worker` is it.
"""
