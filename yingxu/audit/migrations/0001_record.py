"""Both ledgers as one view, which the planner reads from their own indexes."""

from django.db import migrations, models

VIEW = """
CREATE VIEW audit_record AS
SELECT 'journal:' || id AS uid, 'journal'::text AS ledger, id AS "row", tx, at, recorded_at, event::text AS what, matter_id,
  NULL::bigint AS serves_id, actor_kind::text AS actor_kind, actor_name::text AS actor_name,
  CASE WHEN actor_kind = 'user' THEN actor_id END AS user_id, facts, personal
FROM matters_entry
UNION ALL
SELECT 'looks:' || id, 'looks'::text, id, tx, at, recorded_at, what::text, matter_id, serves_id, actor_kind::text, actor_name::text,
  user_id, facts, personal
FROM matters_look;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("matters", "0007_verifications")]
    operations = [
        migrations.CreateModel(
            name="Record",
            fields=[
                ("uid", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("ledger", models.CharField(max_length=8)),
                ("row", models.BigIntegerField()),
                ("tx", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("what", models.CharField(max_length=60)),
                ("actor_kind", models.CharField(max_length=10)),
                ("actor_name", models.CharField(max_length=80)),
                ("user_id", models.BigIntegerField(null=True)),
                ("facts", models.JSONField()),
                ("personal", models.JSONField()),
            ],
            options={"db_table": "audit_record", "managed": False},
        ),
        migrations.RunSQL(VIEW, "DROP VIEW audit_record"),
    ]
