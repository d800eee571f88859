from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block writes is undone, so that each example of a property finds the same database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
