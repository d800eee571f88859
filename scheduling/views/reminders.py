from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from caledee.accounts.requests import signed_in_user
from scheduling.forms.reminders import ReminderForm


@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: HttpRequest) -> HttpResponseBase:
    """Show and save the user's reminders, and those of their invitees."""
    user = signed_in_user(request)
    form = ReminderForm(request.POST if request.method == "POST" else None, initial=ReminderForm.values_of(user))
    if form.is_valid():
        user.own_reminders = form.cleaned_data["own_reminders"]
        user.invitee_reminders = form.cleaned_data["invitee_reminders"]
        user.save(update_fields=["own_reminders", "invitee_reminders"])
        messages.success(request, "Saved.")
        return redirect("scheduling:reminders")
    return TemplateResponse(request, "settings/reminders.html", {"form": form}, status=422 if form.errors else 200)
