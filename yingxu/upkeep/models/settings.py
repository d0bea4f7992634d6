"""What is looked at again, how often, for whom; how soon news must be in the archive."""

from django.db import models
from django.db.models import Q


class Settings(models.Model):
    """One row, from the policy pack. `quarter_fields` are confirmed anew each quarter, `week_fields` filled in week by week where they
    are empty; `grades` narrows both down (none: every customer). `quarter_days` working days are given for a quarter's list;
    `week_most` customers come on one week's list. `entry_days`, `update_days`: working days until news stand in the archive."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    quarter_fields = models.JSONField(default=list)
    week_fields = models.JSONField(default=list)
    grades = models.JSONField(default=list)
    quarter_days = models.PositiveSmallIntegerField(default=15)
    week_most = models.PositiveSmallIntegerField(default=20)
    entry_days = models.PositiveSmallIntegerField(default=3)
    update_days = models.PositiveSmallIntegerField(default=2)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_upkeep_settings")]
