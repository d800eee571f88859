"""How the tests are distributed between processes."""

from pathlib import Path

import pytest

from tests.conftest import LONGEST_FILES, start_order

TESTS = Path(__file__).parent


@pytest.mark.parametrize("name", LONGEST_FILES)
def test_each_file_that_starts_early_exists_once(name):
    assert len([file for file in TESTS.rglob("test_*.py") if file.as_posix().endswith(f"/{name}")]) == 1


def test_files_start_in_the_order_of_the_list_and_all_others_after_them():
    files = [TESTS / "test_sharing.py", TESTS / "journeys" / "test_policy.py", TESTS / "journeys" / "test_team.py"]

    assert sorted(files, key=start_order) == [*reversed(files[1:]), files[0]]
