from typing import Any, ClassVar

from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.admin import AuthenticatorAdmin
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from caledee.accounts.handles.register import find_obstacle, lock_handles, remember_handle
from caledee.accounts.models import Membership, Organization, Role, User
from caledee.accounts.requests import signed_in_user
from caledee.accounts.signin.sessions import end_other_sessions
from caledee.accounts.teams.organizations import announce_deletion
from caledee.email.addresses import MailboxField
from caledee.web.admin_search import AddressSearchMixin


class NewHandleForm(forms.ModelForm):
    """Set a handle once. Later, only its owner can change it, in the settings, which remember the old one."""

    def clean_handle(self) -> str:
        handle: str = self.cleaned_data["handle"]
        if obstacle := find_obstacle(handle, now=timezone.now()):
            raise ValidationError(obstacle, code="handle_taken")
        return handle


class BearerAdmin(admin.ModelAdmin):
    """Admin of models with a handle, which cannot be changed here and is reserved for a while after deletion."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["handle"] if obj else [])]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            lock_handles()
            remember_handle(obj, obj.handle, now=timezone.now())
            self.announce_deletion(request, obj)
            super().delete_model(request, obj)

    def announce_deletion(self, request: HttpRequest, obj: Any) -> None:
        """Notify affected people before a deletion. Subclasses override it."""

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for bearer in queryset:
            self.delete_model(request, bearer)


class NewUserForm(NewHandleForm, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name", "handle", "time_zone", "plan"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class MembershipFormSet(forms.BaseInlineFormSet):
    """Require an owner, even for changes by staff."""

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.is_valid() and not form.cleaned_data.get("DELETE")]
        if not any(each.get("role") == Role.OWNER for each in kept):
            raise ValidationError("An organization must have an owner.", code="no_owner")


class MembershipInline(admin.TabularInline):
    model = Membership
    formset = MembershipFormSet
    autocomplete_fields = ["user"]
    extra = 0


@admin.register(User)
class UserAdmin(AddressSearchMixin, BearerAdmin, DjangoUserAdmin):
    add_form = NewUserForm
    add_fieldsets = [(None, {"fields": [*NewUserForm.Meta.fields, "usable_password", "password1", "password2"]})]
    fieldsets = [
        (None, {"fields": ["email", "password", "name", "handle", "time_zone", "plan"]}),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "date_joined", "closed_at"]}),
    ]
    readonly_fields: ClassVar[list[str]] = ["last_login", "date_joined", "closed_at"]
    list_display = ["email", "name", "handle", "time_zone", "plan", "is_active", "is_staff"]
    list_filter = ["plan", "is_active", "is_staff"]
    search_fields = ["email", "name", "handle"]
    ordering = ["email"]
    actions = ("confirm_addresses",)

    def save_model(self, request: HttpRequest, obj: User, form: "forms.ModelForm[User]", change: bool) -> None:
        """Save a user. If the email changes, sign them out, and block sign-in and password reset with the old one.

        A code at the next sign-in confirms the new email. A new account can be used at once.
        """
        obj.email = obj.email.lower()
        super().save_model(request, obj, form, change)
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()
        if not change:
            obj.confirm_email()
        elif "email" in form.changed_data:
            end_other_sessions(request, obj)

    @admin.action(description="Confirm addresses without sending an email", permissions=["change"])
    def confirm_addresses(self, request: HttpRequest, people: QuerySet[User]) -> None:
        confirmed = sum(person.confirm_email() for person in people.filter(closed_at=None))
        self.message_user(request, f"Confirmed addresses: {confirmed}.")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Protect a closed account, which is only waiting to be erased."""
        return super().has_change_permission(request, obj) and not (obj and obj.closed_at)


class NewOrganizationForm(NewHandleForm):
    class Meta:
        model = Organization
        fields = ["name", "handle", "plan"]


@admin.register(Organization)
class OrganizationAdmin(BearerAdmin):
    list_display = ["name", "handle", "plan"]
    list_filter = ["plan"]
    search_fields = ["name", "handle"]
    inlines = [MembershipInline]

    def announce_deletion(self, request: HttpRequest, obj: Any) -> None:
        announce_deletion(obj, by=signed_in_user(request), now=timezone.now())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Validate the handle only in forms that contain the field."""
        return super().get_form(request, obj, change, **kwargs | ({} if change else {"form": NewOrganizationForm}))


# Staff can see that a user has an authenticator app or recovery codes, but not the secrets behind them.
admin.site.unregister(Authenticator)


admin.site.unregister(EmailAddress)


@admin.register(EmailAddress)
class AddressAdmin(AddressSearchMixin, EmailAddressAdmin):
    """Parse email addresses like all other forms."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if isinstance(db_field, models.EmailField):
            return MailboxField(max_length=db_field.max_length)
        return super().formfield_for_dbfield(db_field, request, **options)


@admin.register(Authenticator)
class SecretiveAuthenticatorAdmin(AuthenticatorAdmin):
    exclude: ClassVar[list[str]] = ["data"]

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        super().delete_model(request, obj)
        end_other_sessions(request, obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> None:
        for authenticator in queryset:
            self.delete_model(request, authenticator)
