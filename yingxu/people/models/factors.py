"""What besides the password proves who somebody is."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yingxu.base import crypto


@crypto.seals("sealed_secret")
class Factor(models.Model):
    """A second factor: an app that counts the time (its secret sealed, the last step it was used for kept so that no code is taken
    twice), or a passkey (its public key, and how often the device says it was used)."""

    class Kind(models.TextChoices):
        TOTP = "totp", _("Authenticator app")
        PASSKEY = "passkey", _("Passkey")

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="factors")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    name = models.CharField(max_length=60)
    sealed_secret = models.TextField(blank=True)
    last_step = models.BigIntegerField(default=0)
    credential = models.BinaryField(max_length=1023, null=True, unique=True)
    public_key = models.BinaryField(null=True)
    counter = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    SEALED = "people.factor"

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="totp", credential=None) & ~Q(sealed_secret="")) | Q(kind="passkey", credential__isnull=False, public_key__isnull=False),
                name="factor_can_be_checked",
            )
        ]

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """For the day the telephone is lost: shown once, kept as a hash, good once."""

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
