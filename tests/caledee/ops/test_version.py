"""Every place that shows the version shows that of `pyproject.toml`."""

import re
import subprocess
import sys

import pytest
from django.conf import settings

VERSION = re.search(r'^version = "(.+)"$', (settings.BASE_DIR / "pyproject.toml").read_text(), re.M)[1]


@pytest.mark.parametrize("word", ["version", "--version"])
def test_the_command_needs_no_settings(word):
    run = subprocess.run(
        [sys.executable, "manage.py", word], cwd=settings.BASE_DIR, env={}, capture_output=True, text=True
    )

    assert (run.returncode, run.stdout, run.stderr) == (0, f"Caledee {VERSION}\n", "")


@pytest.mark.parametrize(
    "path", ["/settings/", "/settings/data/", "/settings/delete/", "/settings/reminders/", "/accounts/security/"]
)
def test_the_pages_of_the_settings_show_it(client, ada, path):
    client.force_login(ada)

    page = client.get(path, follow=True).content.decode()

    assert f"<p>Caledee {VERSION}, a scheduler that you host yourself</p>" in page


def test_strangers_do_not_see_the_version(client, ada):
    assert VERSION not in client.get("/ada/").content.decode()
