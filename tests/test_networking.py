"""Which modules can open connections, read from the source."""

import ast

import pytest

from tests.test_architecture import MODULES, imports_of, is_within

# What can connect to other machines. Psycopg isn't listed: it connects to the database only.
NETWORKING = {
    *["httpx2", "httpcore2", "httpx", "httpcore", "requests", "niquests", "urllib3", "aiohttp", "anyio", "pycurl"],
    *["socket", "http.client", "urllib.request", "smtplib", "ftplib", "imaplib", "poplib", "xmlrpc.client"],
}


def test_only_caledee_outgoing_makes_requests():
    """Its guard decides where requests can go. The others send emails, name errors, or belong to the servers."""
    assert {module: found for module in MODULES if (found := networking_in(module))} == {
        "caledee.outgoing.addresses": {"httpx2", "socket"},  # reads literal addresses, opens nothing
        "caledee.outgoing.logins": {"httpx2"},
        "caledee.outgoing.network": {"httpcore2", "socket"},
        "caledee.outgoing.session": {"httpcore2", "httpx2"},
        "caledee.email.smtp": {"smtplib", "socket"},
        "caledee.email.failures": {"smtplib", "socket"},
        "caledee.email.messages": {"smtplib"},
        "caledee.management.commands.sendtestemail": {"smtplib"},
        "caledee.management.commands.demo": {"http.client", "socket"},
        "caledee.deploy.connection": {"socket"},
    }


def networking_in(module: str) -> set[str]:
    return networking_libraries(MODULES[module])


def networking_libraries(tree: ast.AST) -> set[str]:
    """Return the libraries with which this code could open a connection."""
    sources = {f"{source}.{name}" if name else source for source, name in imports_of(tree)}
    return {library for library in NETWORKING for source in sources if is_within(source, library)}


@pytest.mark.parametrize(
    "line",
    [
        "import httpx2",
        "import http.client",
        "from http import client",
        "from http.client import HTTPSConnection",
        "import urllib.request as ask",
        "from urllib.request import urlopen",
        "from socket import create_connection",
        "import requests.sessions",
    ],
)
def test_a_networking_library_is_recognized(line):
    assert len(networking_libraries(ast.parse(line))) == 1


@pytest.mark.parametrize(
    "line", ["from urllib.parse import urlsplit", "from http import HTTPStatus", "from caledee.web import requests"]
)
def test_another_library_is_not_taken_for_a_networking_one(line):
    assert networking_libraries(ast.parse(line)) == set()
