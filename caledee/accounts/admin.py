from typing import ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.admin import AuthenticatorAdmin
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.forms import ModelForm
from django.http import HttpRequest

from caledee.accounts.models import Membership, Organization, User


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name", "handle", "time_zone", "plan"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class MembershipInline(admin.TabularInline):
    model = Membership
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

    def save_model(self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: bool) -> None:
        """Whoever has an address that was taken away can neither sign in nor reset the password with it any more; the
        new one is confirmed by a code at the next sign-in."""
        obj.email = obj.email.lower()
        super().save_model(request, obj, form, change)
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin):
    list_display = ["name", "handle", "plan"]
    list_filter = ["plan"]
    search_fields = ["name", "handle"]
    inlines = [MembershipInline]


# Staff see that somebody has an authenticator app or recovery codes, not the secrets that they are made of.
admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class SecretiveAuthenticatorAdmin(AuthenticatorAdmin):
    exclude: ClassVar[list[str]] = ["data"]

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False
