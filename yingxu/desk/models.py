"""The hall's only table: what the processes counted."""

from django.db import models


class Tally(models.Model):
    """A counter of all processes together, or a gauge of one. Unlogged: a fallen database begins counting anew."""

    name = models.CharField(max_length=60)
    labels = models.CharField(max_length=400)
    value = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "labels"], name="one_tally")]
