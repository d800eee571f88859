from django.db import models


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"

    @classmethod
    def administrators(cls) -> list["Role"]:
        """The roles that may act for the organization's other people."""
        return [cls.OWNER, cls.ADMIN]
