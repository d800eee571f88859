"""Imports between modules, read from the source: our rules that no linter knows."""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

PACKAGES = ["caledee", "scheduling", "oneoff"]
# What wires the apps together, and what only that uses: the one part of `caledee` that may know both apps.
ROOF = [
    "caledee.urls",
    "caledee.wsgi",
    "caledee.management.commands",
    "caledee.demo",
    "caledee.account_pages",
    "caledee.upkeep",
]
# What accounts build on, too.
GROUND = [
    "caledee.timekeeping",
    "caledee.email",
    "caledee.web",
    "caledee.limits",
    "caledee.places",
    "caledee.ops",
    "caledee.outgoing",
    "caledee.sealed",
    "caledee.locations",
    "caledee.lazy",
    "caledee.choices",
]
# Documented as public in spite of their names: Django's about models, and `os._exit`.
PUBLIC_ALL_THE_SAME = {"_meta", "_base_manager", "_exit"}
LEDGER_WRITES = {
    *["create", "acreate", "bulk_create", "get_or_create", "update_or_create", "save"],
    *["update", "bulk_update", "delete", "add", "set", "clear", "remove"],
}


def find_modules() -> dict[str, ast.Module]:
    """Return all modules of ours except migrations, which are history."""
    found = {}
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
            if "migrations" not in parts:
                name = ".".join(parts).removesuffix(".__init__")
                found[name] = ast.parse(path.read_text(), str(path))
    return found


MODULES = find_modules()


def imports_of(tree: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Return each imported module, with the imported name if there is one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name their module in full"
            yield from ((node.module or "", alias.name) for alias in node.names)


def modules_imported_by(module: str) -> set[str]:
    """Return the modules of ours that are imported, by either form of import."""
    named = {
        f"{source}.{name}" if f"{source}.{name}" in MODULES else source for source, name in imports_of(MODULES[module])
    }
    return named & MODULES.keys()


def is_within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def test_the_modules_are_found():
    assert {
        "caledee.timekeeping.periods",
        "caledee.accounts.models",
        "scheduling.availability.ledger",
        "oneoff.creator.create",
        "oneoff",
    } <= MODULES.keys()
    assert {
        "caledee.timekeeping.periods",
        "scheduling.availability.taken",
        "scheduling.models",
    } <= modules_imported_by("scheduling.availability.slots")
    assert "oneoff.holds" in modules_imported_by("oneoff.creator.create")


def test_the_top_level_has_no_other_package():
    packages = {path.parent.name for path in settings.BASE_DIR.glob("*/__init__.py")}

    assert packages == {*PACKAGES, "tests"}


def test_nobody_imports_what_stands_above_them():
    upwards = {
        (module, found)
        for module in MODULES
        for found in modules_imported_by(module)
        if is_within(found, *standing_above(module))
    }

    assert upwards == set()


def standing_above(module: str) -> list[str]:
    if is_within(module, *ROOF):
        return []
    if is_within(module, "oneoff"):
        return ROOF
    return [*ROOF, "oneoff"] if is_within(module, "scheduling") else [*ROOF, "oneoff", "scheduling"]


def test_the_ground_imports_no_accounts():
    found = {
        (module, used)
        for module in MODULES
        if is_within(module, *GROUND)
        for used in modules_imported_by(module)
        if is_within(used, "caledee.accounts")
    }

    assert found == set()


def test_nothing_is_imported_inside_a_function():
    inside = {
        (module, source)
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for source, _ in imports_of(node)
    }

    assert inside == set()


def test_no_modules_import_each_other_in_a_circle():
    graph = {module: modules_imported_by(module) - {module} for module in MODULES}

    # Raises CycleError, which names the circle.
    order = list(graphlib.TopologicalSorter(graph).static_order())

    assert set(order) == MODULES.keys()


def test_nothing_with_a_leading_underscore_is_used_outside_its_module():
    used = {(module, name) for module, tree in MODULES.items() for name in foreign_names_in(tree) if is_private(name)}

    assert used == set()


def foreign_names_in(tree: ast.Module) -> Iterator[str]:
    """Return the imported names, and attributes of anything but `self`."""
    yield from (name for _, name in imports_of(tree) if name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not is_own(node.value):
            yield node.attr


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC_ALL_THE_SAME


def is_own(value: ast.expr) -> bool:
    match value:
        case ast.Name(id="self" | "cls"):
            return True
        case ast.Call(func=ast.Name(id="super")):
            return True
    return False


def test_only_the_ledger_and_the_reader_query_busy_time():
    """All others call `taken`. The admin site and `manage.py audit` read the rows themselves, and change none."""
    querying = {module for module, tree in MODULES.items() if names_busy_time(tree)}

    assert {module for module in querying if not is_within(module, "scheduling.models")} == {
        "scheduling.availability.ledger",
        "scheduling.availability.taken",
        "scheduling.admin",
        "caledee.management.commands.audit",
    }


def names_busy_time(tree: ast.AST) -> bool:
    """Return whether the model is named, or a person's rows are reached by their related name."""
    return not {"BusyTime", "busy_times"}.isdisjoint(names_in(tree))


@pytest.mark.parametrize("line", ["BusyTime.objects.all()", "models.BusyTime", "ada.busy_times.filter(claim=1)"])
def test_a_use_of_busy_time_is_recognized(line):
    assert names_busy_time(ast.parse(line))


@pytest.mark.parametrize("line", ["read_taken([ada], window, now=now)", "ledger.release(claim)", "BusyKind.HOLD"])
def test_reading_taken_time_is_no_use_of_busy_time(line):
    assert not names_busy_time(ast.parse(line))


def test_only_the_ledger_writes_busy_time():
    writers = {module for module, tree in MODULES.items() if any(is_ledger_write(node) for node in ast.walk(tree))}

    assert writers == {"scheduling.availability.ledger"}


def is_ledger_write(node: ast.AST) -> bool:
    """Return whether the node creates a row, or is a writing call on BusyTime or a person's busy times."""
    match node:
        case ast.Call(func=ast.Name(id="BusyTime")) | ast.Call(func=ast.Attribute(attr="BusyTime")):
            return True
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in LEDGER_WRITES:
            return any(name in {"BusyTime", "busy_times"} for name in names_in(value))
    return False


def names_in(value: ast.AST) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


@pytest.mark.parametrize(
    "line",
    [
        "BusyTime(organizer=ada).save()",
        "models.BusyTime(organizer=ada)",
        "BusyTime.objects.create(organizer=ada)",
        "BusyTime.objects.filter(claim=1).exclude(kind='hold').delete()",
        "ada.busy_times.all().delete()",
        "busy.busy_times([ada], window, now=now).update(start=now)",
    ],
)
def test_a_write_to_the_ledger_is_recognised(line):
    assert any(is_ledger_write(node) for node in ast.walk(ast.parse(line)))


@pytest.mark.parametrize("line", ["BusyTime.objects.filter(claim=1)", "busy.release(claim)", "booking.delete()"])
def test_reading_the_ledger_is_not_taken_for_writing(line):
    assert not any(is_ledger_write(node) for node in ast.walk(ast.parse(line)))


def test_only_the_recording_of_events_writes_the_history():
    calls = {
        module: {node.func.value.value.id for node in ast.walk(tree) if is_write_by_manager(node)}
        for module, tree in MODULES.items()
    }

    assert {module for module, written in calls.items() if "Activity" in written} == {"scheduling.events"}


def is_write_by_manager(node: ast.AST) -> bool:
    """Match calls such as `Activity.objects.create(...)`. Filtered rows can change, to forget invitees."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name(), attr="objects"), attr=attr)):
            return attr in LEDGER_WRITES
    return False


def test_only_what_queues_emails_knows_their_tasks():
    """Code that books, moves, cancels, creates or deletes records an event, and knows no listener."""
    knowing = {
        module
        for module in MODULES
        for found in modules_imported_by(module)
        if found.endswith((".tasks", ".listeners"))
    }

    assert knowing == {
        "caledee.accounts.outgoing",
        "caledee.accounts.teams.outgoing",
        "oneoff.emails.listeners",
        "oneoff.listeners",
        "scheduling.emails.listeners",
        "scheduling.listeners",
    }


def test_only_the_entry_of_a_task_reads_the_clock_for_an_email():
    rooms = {"email", "emails", "tasks", "outgoing", "listeners"}
    reading = {
        module
        for module, tree in MODULES.items()
        if rooms & set(module.split(".")) and not is_within(module, "caledee.management")
        if any(is_clock(node) for node in ast.walk(tree))
    }

    assert reading == {
        "caledee.accounts.tasks",
        # The entry of every task that sends an email, and the moment at which a mail server has answered.
        "caledee.email.outbox",
        # The name of a file in the demo.
        "caledee.email.files",
        "caledee.upkeep.tasks",
        "oneoff.tasks",
        "scheduling.calendars.tasks",
        "scheduling.tasks",
    }


def is_clock(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="now", value=ast.Name(id="timezone" | "datetime"))):
            return True
    return False


def test_only_the_wording_module_spells_out_dates():
    spelling = {
        module
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search("%-?[aAbBp]", node.value)
    }

    assert spelling == {"caledee.timekeeping.wording"}


def test_templates_count_and_list_by_the_wording_module():
    by_themselves = {
        path.name
        for path in (settings.BASE_DIR / "templates").rglob("*.*")
        if re.search(r"pluralize|\|join:\s*[\"'],|== 1 else", path.read_text())
    }

    assert by_themselves == set()


def test_only_two_rooms_import_icalendar():
    importers = {
        module
        for module, tree in MODULES.items()
        if any(is_within(source, "icalendar") for source, _ in imports_of(tree))
    }

    assert {module for module in importers if not is_within(module, "scheduling.calendars.ics")} == {
        "scheduling.feeds.ical"
    }


def test_calendar_text_is_read_without_django():
    """In a child process, which starts for each reading. icalendar takes long to import, too."""
    modules = sorted(module for module in MODULES if is_within(module, "scheduling.calendars.ics"))
    code = f"import {', '.join(modules)}, sys; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=settings.BASE_DIR
    )

    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "scheduling.calendars.ics.child" in done.stdout.split()
    assert loaded.isdisjoint({"django", "psycopg", "procrastinate", "httpx2", "icalendar"})
