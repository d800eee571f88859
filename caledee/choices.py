"""Choices of a column to which several apps add theirs."""

from django.db.models import TextChoices


class OpenChoices:
    """The choices that were added so far. An app adds its own in the module that uses them.

    A model field reads them through a function, once all apps have added theirs.
    """

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}

    def add[Added: TextChoices](self, added: type[Added]) -> type[Added]:
        """Add the choices of a class, as its decorator. Raises ValueError if one of the values is taken."""
        if taken := self._labels.keys() & set(added.values):
            raise ValueError(f"Another app has these choices: {', '.join(sorted(taken))}")
        self._labels |= dict(added.choices)
        return added

    def pairs(self) -> list[tuple[str, str]]:
        """Return values and labels, as a model field takes them."""
        return list(self._labels.items())
