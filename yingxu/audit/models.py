"""Both ledgers as one list. No table: a view of the database, in the order in which rows are sealed."""

from django.db import models

from yingxu.matters.models import Matter


class Record(models.Model):
    """A row of the journal or of the access log. `what` is the event, or the kind of look."""

    uid = models.CharField(max_length=30, primary_key=True)
    ledger = models.CharField(max_length=8)
    row = models.BigIntegerField()
    tx = models.BigIntegerField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    what = models.CharField(max_length=60)
    matter = models.ForeignKey(Matter, null=True, db_constraint=False, on_delete=models.DO_NOTHING, related_name="+")
    serves = models.ForeignKey(Matter, null=True, db_constraint=False, on_delete=models.DO_NOTHING, related_name="+")
    actor_kind = models.CharField(max_length=10)
    actor_name = models.CharField(max_length=80)
    user_id = models.BigIntegerField(null=True)
    facts = models.JSONField()
    personal = models.JSONField()

    class Meta:
        managed = False
        db_table = "audit_record"
