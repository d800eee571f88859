"""The documents name files, headings and commands that exist."""

import re
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = settings.BASE_DIR
FOLDERS = ("caledee", "scheduling", "oneoff", "tests", ".github")
DOCUMENTS = sorted(chain(ROOT.glob("*.md"), *((ROOT / folder).rglob("*.md") for folder in FOLDERS)))
# Commands of the shell's `manage.py`, before Django knows any.
BEFORE_DJANGO = {"version"}


def names_of(documents: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in documents]


def anchors_in(document: Path) -> set[str]:
    """Return the anchors of the headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links_in(document: Path) -> list[str]:
    dead = []
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", document.read_text()):
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        if not target.exists() or (anchor and anchor not in anchors_in(target)):
            dead.append(link)
    return dead


def missing_files_in(document: Path) -> list[str]:
    """Return the code files in backticks that exist neither below the checkout nor the document's folder."""
    named = re.findall(r"`([\w./-]+\.(?:py|yaml|md))`", document.read_text())
    places = (ROOT, document.parent)
    return [name for name in named if not any((place / name).exists() for place in places) and name != "manage.py"]


def test_the_documents_are_found():
    assert {
        ".github/CONTRIBUTING.md",
        ".github/SECURITY.md",
        "CHANGELOG.md",
        "README.md",
        "caledee/README.md",
        "caledee/deploy/README.md",
        "tests/README.md",
        "tests/bench/README.md",
    } <= set(names_of(DOCUMENTS))


@pytest.mark.parametrize("document", DOCUMENTS, ids=names_of(DOCUMENTS))
def test_what_a_document_names_is_there(document):
    commands = set(re.findall(r"manage\.py ([a-z_]+)", document.read_text()))

    assert (dead_links_in(document), missing_files_in(document)) == ([], [])
    assert commands - get_commands().keys() - BEFORE_DJANGO == set()


def test_the_readme_links_to_every_document():
    linked = set(re.findall(r"\]\(([\w./-]+\.md)\)", (ROOT / "README.md").read_text()))

    workloads = "tests/scheduling/availability/workloads/README.md"  # about its files alone
    assert linked == set(names_of(DOCUMENTS)) - {"README.md", workloads}


def test_a_dead_link_is_recognized(tmp_path):
    document = tmp_path / "README.md"
    document.write_text(
        "# Some heading\n[a](#some-heading) [b](#other) [c](gone.md) [d](https://example.com) `gone.py`"
    )

    assert dead_links_in(document) == ["#other", "gone.md"]
    assert missing_files_in(document) == ["gone.py"]
