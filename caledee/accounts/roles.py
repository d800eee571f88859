from django.db import models


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"

    @classmethod
    def administrators(cls) -> list["Role"]:
        """Return the roles that can act on behalf of other members."""
        return [cls.OWNER, cls.ADMIN]
