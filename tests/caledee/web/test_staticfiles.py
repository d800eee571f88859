import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from caledee.web.staticfiles import StaticFilesStorage

CSS = settings.BASE_DIR / "static" / "css"
ONLY_IN_THE_DEMO = {"demo-email.css"}


def write(folder: Path, **sheets: str) -> None:
    (folder / "css").mkdir(parents=True)
    for name, text in sheets.items():
        (folder / "css" / f"{name}.css").write_text(text)


@pytest.fixture
def collect(tmp_path, settings):
    """Collect these files and return the whole stylesheet under the name that pages use."""
    settings.DEMO = True

    def collected(**sheets):
        write(tmp_path / "source", **sheets)
        write(tmp_path / "root", **sheets)
        source = FileSystemStorage(tmp_path / "source")
        storage = StaticFilesStorage(location=tmp_path / "root", base_url="/static/")
        processed = list(storage.post_process({f"css/{name}.css": (source, f"css/{name}.css") for name in sheets}))
        assert [error for _, _, error in processed if isinstance(error, Exception)] == []
        return (tmp_path / "root" / storage.stored_name("css/all.css")).read_text()

    return collected


def test_all_stylesheets_are_collected_into_one_in_order(collect):
    whole = collect(
        all='/* All. */\n@import "layers.css";\n@import "button.css";\n',
        button=".button { color: red; }\n",
        layers="@layer base;\n",
    )

    assert whole == "/* All. */\n@layer base;\n\n.button { color: red; }\n\n"


def test_a_stylesheet_that_is_not_there_stops_the_collecting(collect):
    with pytest.raises(KeyError, match="missing"):
        collect(all='@import "missing.css";\n')


def test_every_stylesheet_is_named_once_and_layers_first():
    named = re.findall(r'^@import "(.+)";$', (CSS / "all.css").read_text(), re.M)

    assert sorted(named) == sorted({file.name for file in CSS.glob("*.css")} - {"all.css"} - ONLY_IN_THE_DEMO)
    assert named[0] == "layers.css"
