from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """Undo everything the block writes. Each example of a property then finds the same database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
