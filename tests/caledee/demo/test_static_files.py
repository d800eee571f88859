import os
import time
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.test import override_settings

from caledee.demo.static_files import collect_changed_files


@pytest.fixture
def source(tmp_path):
    """A folder that is collected into another one, with a script and a stylesheet."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "first.js").write_text("first")
    (source / "second.css").write_text("second")
    with override_settings(
        STATICFILES_DIRS=[source],
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
        STATIC_ROOT=tmp_path / "collected",
        STORAGES={"staticfiles": {"BACKEND": "caledee.web.staticfiles.StaticFilesStorage"}},
    ):
        yield source


def collected(source: Path) -> dict[str, int]:
    """Return the collected files, and when each was written."""
    collect_changed_files()
    folder = source.parent / "collected"
    return {file.name: file.stat().st_mtime_ns for file in folder.iterdir() if file.name != ".collected-from"}


def test_files_that_have_not_changed_are_not_collected_again(source):
    first = collected(source)

    assert {"first.js", "second.css", "staticfiles.json"} <= first.keys()
    assert collected(source) == first


@pytest.mark.parametrize(("name", "content"), [("first.js", "other"), ("third.js", "third")], ids=["changed", "new"])
def test_a_file_that_changes_or_is_new_is_collected(source, name, content):
    collected(source)

    (source / name).write_text(content)
    a_minute_later = time.time() + 60
    os.utime(source / name, (a_minute_later, a_minute_later))
    collected(source)

    assert (source.parent / "collected" / name).read_text() == content


def test_a_deleted_folder_is_collected_again(source):
    first = collected(source)
    folder = source.parent / "collected"
    for file in folder.iterdir():
        file.unlink()

    assert collected(source).keys() == first.keys()


def test_files_are_collected_again_after_an_attempt_that_failed(source, monkeypatch):
    def fail(*_args):
        raise OSError("No space left on device")

    with monkeypatch.context() as full:
        full.setattr(FileSystemStorage, "_save", fail)
        with pytest.raises(OSError, match="No space left"):
            collect_changed_files()

    assert {"first.js", "second.css", "staticfiles.json"} <= collected(source).keys()
