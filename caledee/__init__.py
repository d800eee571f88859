"""Caledee: a scheduler whose one-off meetings hold their times until somebody books.

Zone data come from the tzdata package, never from the operating system, whose copy may be years old.
Every entry point imports this package first, so the search path is emptied here, before a zone is made.
"""

import zoneinfo

zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()
