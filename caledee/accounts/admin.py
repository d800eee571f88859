from typing import ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from caledee.accounts.handle_register import is_free
from caledee.accounts.models import Membership, Organization, Role, User


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name", "handle", "time_zone", "plan"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class MembershipFormSet(forms.BaseInlineFormSet):
    """An organization always has an owner, whoever writes it."""

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.is_valid() and not form.cleaned_data.get("DELETE")]
        if not any(each.get("role") == Role.OWNER for each in kept):
            raise ValidationError("An organization always has an owner.", code="no_owner")


class MembershipInline(admin.TabularInline):
    model = Membership
    formset = MembershipFormSet
    autocomplete_fields = ["user"]
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    add_form = NewUserForm
    add_fieldsets = [(None, {"fields": [*NewUserForm.Meta.fields, "usable_password", "password1", "password2"]})]
    fieldsets = [
        (None, {"fields": ["email", "password", "name", "handle", "time_zone", "plan"]}),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields: ClassVar[list[str]] = ["last_login", "date_joined"]
    list_display = ["email", "name", "handle", "time_zone", "plan", "is_active", "is_staff"]
    list_filter = ["plan", "is_active", "is_staff"]
    search_fields = ["email", "name", "handle"]
    ordering = ["email"]


class OrganizationAdminForm(forms.ModelForm):
    def clean_handle(self) -> str:
        """People and organizations share one name space, which no constraint of the database knows."""
        handle: str = self.cleaned_data["handle"]
        if not is_free(handle, bearer=self.instance, now=timezone.now()):
            raise ValidationError("This name is taken, or looks like one that is.", code="unique")
        return handle


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin):
    form = OrganizationAdminForm
    list_display = ["name", "handle", "plan"]
    list_filter = ["plan"]
    search_fields = ["name", "handle"]
    inlines = [MembershipInline]
