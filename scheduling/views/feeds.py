"""The page to start, renew and stop the user's calendar feed."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caledee.accounts.requests import signed_in_user
from scheduling.feeds.addresses import close_feed, feed_of, open_feed, renew_feed

PAGE = "scheduling:calendar_feed"


@require_safe
def calendar_feed(request: HttpRequest) -> HttpResponseBase:
    feed = feed_of(signed_in_user(request))
    address = f"{settings.BASE_URL}{feed.get_absolute_url()}" if feed else ""
    # Calendar programs register this scheme.
    context = {"address": address, "webcal": f"webcal:{address.partition(':')[2]}"}
    return TemplateResponse(request, "settings/calendar_feed.html", context)


@require_POST
def start(request: HttpRequest) -> HttpResponseBase:
    open_feed(signed_in_user(request), now=timezone.now())
    messages.success(request, "Your calendar feed is ready. Add its address to your calendar app.")
    return redirect(PAGE)


@require_POST
def renew(request: HttpRequest) -> HttpResponseBase:
    if renew_feed(signed_in_user(request), now=timezone.now()):
        messages.success(request, "Your feed has a new address. The old one no longer works.")
    return redirect(PAGE)


@require_POST
def stop(request: HttpRequest) -> HttpResponseBase:
    close_feed(signed_in_user(request))
    messages.success(request, "The feed was stopped. Its address no longer works.")
    return redirect(PAGE)
