"""The site, and views that do what no view may, to check that the logs stay clean."""

import logging
import time
import warnings

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.db import DataError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from caledee.accounts.models import User
from caledee.urls import *  # noqa: F403
from caledee.urls import urlpatterns as site


@csrf_exempt
@login_not_required
def fail(request: HttpRequest, secret: str) -> HttpResponse:
    name, address = request.POST["name"], request.POST["email"]
    try:
        raise KeyError(f"{name} <{address}>")
    except KeyError as error:
        raise ValueError(f"{address} at {request.get_full_path()} with {secret} and {request.COOKIES}") from error


@csrf_exempt
@login_not_required
def clash(request: HttpRequest, secret: str) -> HttpResponse:
    """Create two people with one address; the first may exist already."""
    for number in range(2):
        User.objects.create_user(request.POST["email"], name=request.POST["name"], handle=f"clash-{number}")
    return HttpResponse()


@csrf_exempt
@login_not_required
def mistype(request: HttpRequest, secret: str) -> HttpResponse:
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT %s::uuid", [request.POST["name"]])
        except DataError:
            cursor.execute("SELECT %s::text::int", [request.POST["email"]])
    return HttpResponse()


@csrf_exempt
@login_not_required
def gossip(request: HttpRequest, secret: str) -> HttpResponse:
    warnings.warn(f"{request.POST['email']} has {secret}", RuntimeWarning, stacklevel=1)
    logging.getLogger("gossip").warning("%s has %s", request.POST["email"], secret)
    raise SuspiciousOperation(f"{request.POST['name']} tries {secret}")


@login_not_required
def wait(request: HttpRequest, seconds: str) -> HttpResponse:
    time.sleep(float(seconds))
    return HttpResponse("waited")


@csrf_exempt
@login_not_required
def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.method} {request.POST.get('name', '')}", content_type="text/plain")


@login_not_required
def large(request: HttpRequest, size: int) -> HttpResponse:
    return HttpResponse(b"0123456789" * (size // 10), content_type="application/octet-stream")


@login_not_required
def scheme(request: HttpRequest) -> HttpResponse:
    facts = [request.scheme, request.path, request.META["REMOTE_ADDR"], request.META["SCRIPT_NAME"]]
    return HttpResponse(" ".join(facts), content_type="text/plain")


urlpatterns = [
    path("test/echo/", echo),
    path("test/large/<int:size>/", large),
    path("test/scheme/", scheme),
    path("test/fail/<secret>/", fail),
    path("test/clash/<secret>/", clash),
    path("test/mistype/<secret>/", mistype),
    path("test/gossip/<secret>/", gossip),
    path("test/wait/<seconds>/", wait),
    *site,
]
