from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from caledee.accounts.requests import signed_in_user
from scheduling.forms.video_calls import VideoCallsForm

SAVED = "Saved."
NO_ROOMS_LEFT = "Saved. Where you offer a fresh room, invitees are now told that you will send the link."


@require_http_methods(["GET", "HEAD", "POST"])
def video_calls(request: HttpRequest) -> HttpResponseBase:
    """Show and save whether the user's video calls get rooms of their own, and at which address."""
    user = signed_in_user(request)
    form = VideoCallsForm(request.POST if request.method == "POST" else None, stored=user.room_template)
    if form.is_valid():
        had_rooms, user.room_template = bool(user.room_template), form.cleaned_data["template"]
        user.save(update_fields=["room_template"])
        messages.success(request, NO_ROOMS_LEFT if had_rooms and not user.room_template else SAVED)
        return redirect("scheduling:video_calls")
    return TemplateResponse(request, "settings/video_calls.html", {"form": form}, status=422 if form.errors else 200)
