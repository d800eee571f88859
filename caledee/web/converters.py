"""Path converters. A URL that does not match is not found."""

from django.urls import register_converter


class HandleConverter:
    """A handle, in upper or lower case."""

    regex = "[A-Za-z0-9-]{3,40}"

    def to_python(self, value: str) -> str:
        return value.lower()

    def to_url(self, value: str) -> str:
        return value


class TokenConverter:
    regex = "[A-Za-z0-9]{16,64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def register_converters() -> None:
    register_converter(HandleConverter, "handle")
    register_converter(TokenConverter, "token")
