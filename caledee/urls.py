"""Root URLs. Fixed names come first, handles last."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from caledee.places import views as places
from caledee.web import views

handler400 = "caledee.web.views.bad_request"
handler403 = "caledee.web.views.permission_denied"
handler404 = "caledee.web.views.not_found"
handler429 = "caledee.web.views.too_many_requests"
handler500 = "caledee.web.views.server_error"

# The regular sign-in counts failed attempts.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.welcome, name="welcome"),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("accounts/", include("caledee.accounts.signin.urls")),
    path("admin/", admin.site.urls),
    path("time-zones/", places.time_zones, name="time_zones"),
    path("time-zones/clock/", places.choose_clock, name="choose_clock"),
    path("settings/", include("caledee.account_pages.urls")),
]
if settings.DEMO:
    urlpatterns += [path("demo/mail/", include("caledee.demo.mailbox"))]
urlpatterns += [
    path("", include("caledee.accounts.teams.urls")),
    path("calendars/", include("scheduling.calendars.urls")),
    path("", include("oneoff.urls")),
    path("", include("scheduling.urls")),
]
