"""Calendar services that many people use, with the address of their CalDAV server, to fill in the form."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """`address` is an example if people run the server themselves.

    `app_password` says that CalDAV may need a password made for an app in the settings of the account: always, or
    with two-factor authentication. It works in either case.
    """

    name: str
    address: str
    is_example: bool = False
    app_password: bool = False


SERVICES = [
    Service("iCloud", "https://caldav.icloud.com/", app_password=True),
    Service("Fastmail", "https://caldav.fastmail.com/", app_password=True),
    Service("mailbox.org", "https://dav.mailbox.org/", app_password=True),
    Service("Posteo", "https://posteo.de:8443/"),
    Service("Nextcloud", "https://cloud.example.org/remote.php/dav/", is_example=True, app_password=True),
    Service("SOGo", "https://mail.example.org/SOGo/dav/", is_example=True),
    Service("Baïkal", "https://calendars.example.org/dav.php/", is_example=True),
    Service("Radicale", "https://calendars.example.org/", is_example=True),
]
