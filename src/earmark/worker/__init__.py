"""One job in a process of its own, which may crash or be stopped by anyone: both sides of it.

`client` starts the process and waits for it; `serving` is its manners inside, `limits` what it may
use. What the jobs are stands in `audio.worker` and `share.worker`. The standard library only.
"""
