"""Listeners for the tests, which are removed at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from scheduling.events import Entry, Event, listen_to


@contextmanager
def hearing(kind: type[Event] = Event) -> Iterator[list[tuple[Event, Entry]]]:
    """Record the events of this kind in order, with the moment and the history entry of each."""
    heard: list[tuple[Event, Entry]] = []
    stop = listen_to(kind, lambda event, entry: heard.append((event, entry)))
    try:
        yield heard
    finally:
        stop()


@contextmanager
def refusing(kind: type[Event], error: Exception) -> Iterator[None]:
    """Add a listener that raises `error`, after all others."""

    def refuse(_event: Event, _entry: Entry) -> None:
        raise error

    stop = listen_to(kind, refuse)
    try:
        yield
    finally:
        stop()
