"""Changes of what people may do: one proposes, another agrees."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import crypto

from .sso import Provider


@crypto.seals("wanted.sealed_secret", context=Provider.SEALED)
class RoleChange(models.Model):
    """A role given or ended, a role's rules, a clearance, the second factor of somebody forgotten, or whom we believe at the door. `wanted` is
    the rest of it: the clearance, a role's name, description and rules, a provider's settings or a subject. `founding`: it took effect at once, because there was nobody to agree yet."""

    class Kind(models.TextChoices):
        GRANT = "grant", _("Give a role")
        END = "end", _("End a role")
        RULES = "rules", _("Change what a role may do")
        ROLE = "role", _("New role")
        CLEARANCE = "clearance", _("Change a clearance")
        FACTORS = "factors", _("Reset the second factor")
        BACK = "back", _("Bring somebody back")
        PROVIDER = "provider", _("Trust a sign-in provider")
        LINK = "link", _("Link an account of a sign-in provider")

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("change", "Waiting")
        DONE = "done", pgettext_lazy("change", "In effect")
        REFUSED = "refused", pgettext_lazy("change", "Refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("change", "Withdrawn")

    kind = models.CharField(max_length=9, choices=Kind.choices)
    user = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="changes")
    role = models.ForeignKey("people.Role", null=True, on_delete=models.PROTECT, related_name="changes")
    grant = models.ForeignKey("people.Grant", null=True, on_delete=models.PROTECT, related_name="+")
    wanted = models.JSONField(default=dict)
    why = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    founding = models.BooleanField(default=False)
    proposed_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    settled_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    said = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(founding=True) | Q(proposed_by=None) | Q(settled_by=None) | ~Q(settled_by=F("proposed_by")),
                name="change_agreed_by_another",
            ),
            models.UniqueConstraint(fields=["kind", "user", "role"], condition=Q(state="waiting", user__isnull=False, role__isnull=False), name="one_open_change"),
        ]

    def __str__(self) -> str:
        return str(self.Kind(self.kind).label)
