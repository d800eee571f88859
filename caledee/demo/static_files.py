"""Collect the static files for a start of the demo, unless nothing has changed since the last one.

Collecting takes longer than everything else in a repeated start.
"""

import hashlib
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from caledee.web import staticfiles

PACKAGES = ["django", "whitenoise"]  # they process the files
COLLECTED_FROM = ".collected-from"  # in the folder of the collected files


def collect_changed_files() -> None:
    note, found = Path(settings.STATIC_ROOT) / COLLECTED_FROM, _fingerprint()
    if note.is_file() and note.read_text() == found:
        return
    note.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False)
    note.write_text(found)


def _fingerprint() -> str:
    """Return a digest of all files and of what processes them."""
    digest = hashlib.sha256(repr([version(name) for name in PACKAGES]).encode())
    digest.update(Path(staticfiles.__file__).read_bytes())
    for finder in get_finders():
        for path, storage in sorted(finder.list(StaticFilesConfig.ignore_patterns), key=lambda found: found[0]):
            with storage.open(path) as file:
                digest.update(f"{path}\n".encode() + hashlib.sha256(file.read()).digest())
    return digest.hexdigest()
