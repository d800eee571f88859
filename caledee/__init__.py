"""Caledee: a scheduler whose one-off meetings hold their times until someone books.

Zone data comes from the tzdata package: an operating system's copy can be years old. Every entry point imports this
package first, so the search path is emptied here, before any zone is created.
"""

import zoneinfo

zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()
