from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_safe

from caledee.web.http import token_page
from oneoff.feed import WrittenFeed, compose_feed
from scheduling.feeds.addresses import find_feed


# Without a CSRF check, other methods get 405 instead of 403.
@csrf_exempt
@require_safe
@login_not_required
@token_page
def calendar_feed(request: HttpRequest, token: str) -> HttpResponseBase:
    feed = find_feed(token)
    if feed is None:
        raise Http404
    response = _answer(request, compose_feed(feed, now=timezone.now()))
    # Calendar apps can cache it but have to revalidate. A 304 response says so too (RFC 9110, section 15.4.5).
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@condition(
    etag_func=lambda _request, written: written.etag,
    last_modified_func=lambda _request, written: written.changed_at,
)
def _answer(request: HttpRequest, written: WrittenFeed) -> HttpResponseBase:
    response = HttpResponse(written.content, content_type="text/calendar; charset=utf-8")
    # Browsers shouldn't name the file after the secret in the address.
    response["Content-Disposition"] = 'attachment; filename="caledee.ics"'
    return response
