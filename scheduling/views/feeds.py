"""The page on which a person opens their calendar feed, gives it a new address, or stops it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caledee.accounts.requests import signed_in_user
from scheduling.calendars.feeds import close_feed, feed_of, open_feed, renew_feed

PAGE = "scheduling:calendar_feed"


@require_safe
def calendar_feed(request: HttpRequest) -> HttpResponseBase:
    feed = feed_of(signed_in_user(request))
    address = f"{settings.BASE_URL}{feed.get_absolute_url()}" if feed else ""
    # The scheme that calendar programs have made theirs; what follows it is the same.
    context = {"address": address, "webcal": f"webcal:{address.partition(':')[2]}"}
    return TemplateResponse(request, "calendar_feed.html", context)


@require_POST
def start(request: HttpRequest) -> HttpResponseBase:
    open_feed(signed_in_user(request), now=timezone.now())
    messages.success(request, "Your feed is there. Give its address to your calendar.")
    return redirect(PAGE)


@require_POST
def renew(request: HttpRequest) -> HttpResponseBase:
    if renew_feed(signed_in_user(request), now=timezone.now()):
        messages.success(request, "Your feed has a new address. The old one shows nothing any more.")
    return redirect(PAGE)


@require_POST
def stop(request: HttpRequest) -> HttpResponseBase:
    close_feed(signed_in_user(request))
    messages.success(request, "The feed is stopped. Its address shows nothing any more.")
    return redirect(PAGE)
