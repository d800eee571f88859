"""Secrets in the database: encrypted there, and shown nowhere. Decrypted only by `reveal`.

CALENDAR_KEYS has the keys, and the first one encrypts. Without it, the key is derived from SECRET_KEY. Derived keys
can always decrypt, so CALENDAR_KEYS can be introduced later.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models.lookups import Lookup
from django.db.models.query_utils import DeferredAttribute

PURPOSE = b"caledee.sealed"
BATCH = 200


class KeyMissing(Exception):
    """None of the keys can decrypt a stored secret."""


class Sealed:
    """An encrypted text. It is false if the text is empty.

    It holds no plain text, so it can be logged, pickled and shown on an error page without revealing anything.
    """

    __slots__ = ("_token",)

    def __init__(self, token: str) -> None:
        """Take what is stored in the database. `Sealed.of` encrypts."""
        self._token = token

    @classmethod
    def of(cls, text: str) -> "Sealed":
        return cls(_keyring().encrypt(text.encode()).decode() if text else "")

    def reveal(self) -> str:
        """Return the text. Raises KeyMissing."""
        if not self._token:
            return ""
        try:
            return _keyring().decrypt(self._token.encode()).decode()
        except InvalidToken:
            raise KeyMissing from None

    @property
    def token(self) -> str:
        """The encrypted text, as it is stored."""
        return self._token

    def __bool__(self) -> bool:
        return bool(self._token)

    def __eq__(self, other: object) -> bool:
        """Compare encrypted texts: the same text encrypted twice isn't equal."""
        return isinstance(other, Sealed) and other.token == self._token

    def __hash__(self) -> int:
        return hash(self._token)

    def __repr__(self) -> str:
        return "<sealed>"


class SealedAttribute(DeferredAttribute):
    """Encrypts a text as soon as it is assigned."""

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = Sealed.of(value) if isinstance(value, str) else value


# What can be assigned, and what is read. Generic only for the type checker.
if TYPE_CHECKING:
    BaseField = models.Field[str | Sealed, Sealed]
else:
    BaseField = models.Field


class SealedTextField(BaseField):
    """A text that is encrypted in the database. Assign a `str`, and read a `Sealed`.

    It can't be used in conditions, and has no form field.
    """

    description = "Encrypted text"
    descriptor_class = SealedAttribute

    def get_internal_type(self) -> str:
        return "TextField"

    def get_prep_value(self, value: object) -> str | None:
        match value:
            case None:
                return None
            case Sealed():
                return value.token
            case str():
                return Sealed.of(value).token
        raise TypeError(f"A {type(value).__name__} can't be sealed.")

    def from_db_value(self, value: str | None, *_: object) -> Sealed | None:
        return None if value is None else Sealed(value)

    def to_python(self, value: object) -> object:
        """Read a serialized value, which is encrypted."""
        return Sealed(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def get_lookup(self, lookup_name: str) -> "type[Lookup[object]] | None":
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def formfield(self, **_: object) -> None:
        return None


@dataclass(slots=True)
class Rotated:
    """How many stored secrets were encrypted again, had the first key already, or can't be decrypted."""

    rotated: int = 0
    current: int = 0
    unreadable: int = 0


def rotate_all() -> Rotated:
    """Encrypt every stored secret with the first key. Locks a batch of rows at a time."""
    done = Rotated()
    for model, names in _sealed_fields():
        last = None
        while (last := _rotate_batch(model, names, last, done)) is not None:
            pass
    return done


def count_unreadable() -> int:
    """Return how many stored secrets none of the keys can decrypt."""
    return sum(
        not _is_readable(sealed)
        for model, names in _sealed_fields()
        for row in model._base_manager.values_list(*names).iterator(BATCH)
        for sealed in row
        if sealed
    )


def _rotate_batch(model: type[models.Model], names: list[str], last: object, done: Rotated) -> object:
    """Rotate the rows after the primary key `last`. Returns the last one, or None if there were none."""
    rows = model._base_manager.order_by("pk")
    if last is not None:
        rows = rows.filter(pk__gt=last)
    with transaction.atomic():
        found = list(rows.select_for_update(of=("self",)).values_list("pk", *names)[:BATCH])
        for pk, *values in found:
            if changed := _rotate_values(dict(zip(names, values, strict=True)), done):
                model._base_manager.filter(pk=pk).update(**changed)
    return found[-1][0] if found else None


def _rotate_values(values: dict[str, Sealed | None], done: Rotated) -> dict[str, Sealed]:
    changed = {}
    for name, sealed in values.items():
        if not sealed:
            continue
        if _has_first_key(sealed):
            done.current += 1
        elif _is_readable(sealed):
            changed[name] = Sealed.of(sealed.reveal())
            done.rotated += 1
        else:
            done.unreadable += 1
    return changed


def _sealed_fields() -> Iterator[tuple[type[models.Model], list[str]]]:
    for model in apps.get_models():
        fields = [field.name for field in model._meta.local_concrete_fields if isinstance(field, SealedTextField)]
        if fields and not model._meta.proxy:
            yield model, fields


def _is_readable(sealed: Sealed) -> bool:
    try:
        sealed.reveal()
    except KeyMissing:
        return False
    return True


def _has_first_key(sealed: Sealed) -> bool:
    try:
        Fernet(_keys()[0]).decrypt(sealed.token.encode())
    except InvalidToken:
        return False
    return True


def _keyring() -> MultiFernet:
    return _keyring_of(_keys())


@cache
def _keyring_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _keys() -> tuple[str, ...]:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return (*settings.CALENDAR_KEYS, *(_derived(secret) for secret in secrets))


@cache
def _derived(secret: str) -> str:
    key = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return urlsafe_b64encode(key).decode()
