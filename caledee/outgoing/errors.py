"""Why a request failed. The messages name the host, never the path, the query or the user: they can be secrets."""


class RequestFailed(Exception):
    """No answer that could be used. `host` is the last one that was asked, or empty if the address had none."""

    reason = "the request failed"

    def __init__(self, host: str = "", reason: str = "") -> None:
        super().__init__(f"{host or 'no host'}: {reason or self.reason}")
        self.host = host


class AddressMalformed(RequestFailed):
    reason = "not an address that can be requested"


class AddressRefused(RequestFailed):
    """Caledee doesn't send requests to this network or port, or not without encryption."""

    reason = "requests to this address aren't allowed"


class NetworkRefused(AddressRefused):
    reason = "requests to private networks aren't allowed"


class EncryptionMissing(AddressRefused):
    reason = "requests without encryption aren't allowed"


class Unreachable(RequestFailed):
    """The name doesn't exist, nothing answers, or the connection broke."""

    reason = "can't be reached"


class TooSlow(Unreachable):
    reason = "no complete answer in time"


class CertificateRefused(RequestFailed):
    """The certificate is expired, of another host, or of an unknown authority; or there is no encryption at all."""

    reason = "no valid certificate"


class AnswerTooLarge(RequestFailed):
    reason = "the answer is too large"


class AnswerBroken(RequestFailed):
    """Not HTTP, cut off, or in an encoding that can't be read."""

    reason = "the answer can't be read"


class TooManyRedirects(RequestFailed):
    reason = "too many redirects"


class RedirectRefused(RequestFailed):
    """The answer leads to another place, which the caller didn't allow."""

    reason = "redirects to another place"
