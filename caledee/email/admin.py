from django.contrib import admin

from caledee.email.models import EmailRecord
from caledee.web.read_only_admin import ReadOnlyMixin


@admin.register(EmailRecord)
class EmailRecordAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """The status of each email. `manage.py resend` sends failed ones again."""

    list_display = ["kind", "role", "address", "queued_at", "sent_at", "failed_at", "reason", "fault", "trouble"]
    list_filter = ["reason", "fault", "kind"]
    search_fields = ["address", "message_id", "trouble"]
    date_hierarchy = "queued_at"
    exclude = ["job"]
