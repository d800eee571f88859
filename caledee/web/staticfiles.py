import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEETS = "css/all.css"
IMPORT = re.compile(r'^@import "([\w-]+\.css)";$', re.MULTILINE)

Paths = Mapping[str, tuple[Storage, str]]


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Add hashes to file names, also for imports of ES modules, and bundle the fifty stylesheets into one. All can be
    cached permanently.
    """

    support_js_module_import_aggregation = True

    def post_process(self, paths: Paths, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run and STYLESHEETS in paths:
            folder = STYLESHEETS.rpartition("/")[0]
            whole = IMPORT.sub(lambda found: _read(paths, f"{folder}/{found[1]}"), _read(paths, STYLESHEETS))
            Path(self.path(STYLESHEETS)).write_text(whole, encoding="utf-8")
            paths = {**paths, STYLESHEETS: (self, STYLESHEETS)}
        yield from super().post_process(paths, dry_run, **options)

    def create_compressor(self, **options: Any) -> Compressor:
        """Skip Brotli in the demo: it would delay the start by ten seconds."""
        return Compressor(use_brotli=not settings.DEMO, **options)


def _read(paths: Paths, name: str) -> str:
    """Return the file as written, not as an earlier run left it. Raises KeyError if it does not exist."""
    storage, path = paths[name]
    with storage.open(path) as file:
        content: bytes = file.read()
    return content.decode()
