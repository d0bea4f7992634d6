"""The access log and the seals of both ledgers: append-only like the journal, also against TRUNCATE. Personal parts are blanked by
matters_erase() only, together with the salt of their commitment."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

GUARD = """
CREATE TRIGGER matters_look_append_only BEFORE UPDATE OR DELETE ON matters_look
  FOR EACH ROW EXECUTE FUNCTION matters_entry_guard();
CREATE TRIGGER matters_look_no_truncate BEFORE TRUNCATE ON matters_look
  FOR EACH STATEMENT EXECUTE FUNCTION matters_entry_guard();

CREATE FUNCTION matters_seal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
     AND current_setting('yingxu.erase', true) = 'on'
     AND to_jsonb(NEW) - 'salts' = to_jsonb(OLD) - 'salts'
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'seals are append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER matters_seal_append_only BEFORE UPDATE OR DELETE ON matters_seal
  FOR EACH ROW EXECUTE FUNCTION matters_seal_guard();
CREATE TRIGGER matters_seal_no_truncate BEFORE TRUNCATE ON matters_seal
  FOR EACH STATEMENT EXECUTE FUNCTION matters_seal_guard();

DROP FUNCTION matters_erase(bigint[]);
CREATE FUNCTION matters_erase(ids bigint[], ledger_ text DEFAULT 'journal') RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  held text := CASE ledger_ WHEN 'journal' THEN 'matters_entry' WHEN 'looks' THEN 'matters_look' END;
  blanked bigint[];
  one bigint;
  sealed record;
  place integer;
BEGIN
  -- whoever seals holds the same lock: a row is either sealed as it was, or as it is without its personal part
  PERFORM pg_advisory_xact_lock(7470101, CASE ledger_ WHEN 'journal' THEN 1 ELSE 2 END);
  PERFORM set_config('yingxu.erase', 'on', true);
  EXECUTE format('WITH gone AS (UPDATE %I SET personal = ''{}'' WHERE id = ANY($1) AND personal <> ''{}'' RETURNING id) '
                 'SELECT coalesce(array_agg(id), ''{}'') FROM gone', held) INTO blanked USING ids;
  FOREACH one IN ARRAY blanked LOOP
    EXECUTE format('SELECT s.id, s.leaves FROM matters_seal s, %I r WHERE r.id = $1 AND s.ledger = $2 '
                   'AND (s.tx, s."row") >= (r.tx, r.id) ORDER BY s.tx, s."row" LIMIT 1', held) INTO sealed USING one, ledger_;
    CONTINUE WHEN sealed.id IS NULL;
    place := 0;
    WHILE place * 72 < length(sealed.leaves) LOOP
      IF substr(sealed.leaves, place * 72 + 1, 8) = int8send(one) THEN
        UPDATE matters_seal SET salts = overlay(salts PLACING decode(repeat('00', 16), 'hex') FROM place * 16 + 1 FOR 16)
          WHERE id = sealed.id;
        EXIT;
      END IF;
      place := place + 1;
    END LOOP;
  END LOOP;
  PERFORM set_config('yingxu.erase', 'off', true);
  RETURN cardinality(blanked);
END $$;
"""

UNDO = """
DROP FUNCTION matters_erase(bigint[], text);
CREATE FUNCTION matters_erase(entries bigint[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE blanked integer;
BEGIN
  PERFORM set_config('yingxu.erase', 'on', true);
  UPDATE matters_entry SET personal = '{}' WHERE id = ANY(entries) AND personal <> '{}';
  GET DIAGNOSTICS blanked = ROW_COUNT;
  PERFORM set_config('yingxu.erase', 'off', true);
  RETURN blanked;
END $$;
DROP TRIGGER matters_seal_no_truncate ON matters_seal;
DROP TRIGGER matters_seal_append_only ON matters_seal;
DROP FUNCTION matters_seal_guard();
DROP TRIGGER matters_look_no_truncate ON matters_look;
DROP TRIGGER matters_look_append_only ON matters_look;
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0004_done_once")]
    operations = [
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('page', 'Opened'), ('api', 'Read by a program'), ('file', 'Took a file'), ('print', 'Printed'), ('export', 'Exported'), ('reveal', 'Uncovered a number'), ('refused', 'Was refused'), ('signed_in', 'Signed in'), ('signed_out', 'Signed out'), ('sign_in_refused', 'Sign-in refused'), ('erased', 'Blanked personal data')], max_length=20)),
                ('at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.expressions.RawSQL('clock_timestamp()', ()))),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_name', models.CharField(max_length=80)),
                ('user_id', models.BigIntegerField(null=True)),
                ('facts', models.JSONField(default=dict)),
                ('personal', models.JSONField(default=dict)),
                ('tx', models.BigIntegerField(db_default=django.db.models.expressions.RawSQL('pg_current_xact_id()::text::bigint', ()))),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ledger', models.CharField(max_length=8)),
                ('number', models.BigIntegerField()),
                ('tx', models.BigIntegerField()),
                ('row', models.BigIntegerField()),
                ('rows', models.PositiveIntegerField()),
                ('leaves', models.BinaryField()),
                ('salts', models.BinaryField()),
                ('previous', models.BinaryField(max_length=32)),
                ('key', models.CharField(max_length=20)),
                ('mac', models.BinaryField(max_length=32)),
                ('sealed_at', models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name='entry',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='entries_by_time'),
        ),
        migrations.AddField(
            model_name='look',
            name='matter',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='looks', to='matters.matter'),
        ),
        migrations.AddField(
            model_name='look',
            name='serves',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matters.matter'),
        ),
        migrations.AddIndex(
            model_name='seal',
            index=models.Index(fields=['ledger', 'tx', 'row'], name='seals_by_place'),
        ),
        migrations.AddConstraint(
            model_name='seal',
            constraint=models.UniqueConstraint(fields=('ledger', 'number'), name='one_seal_of_a_number'),
        ),
        migrations.AddIndex(
            model_name='look',
            index=models.Index(fields=['matter', 'at'], name='looks_at_a_matter'),
        ),
        migrations.AddIndex(
            model_name='look',
            index=models.Index(fields=['user_id', 'at'], name='looks_of_a_person'),
        ),
        migrations.AddIndex(
            model_name='look',
            index=models.Index(fields=['tx', 'id'], name='looks_in_order'),
        ),
        migrations.AddIndex(
            model_name='look',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='looks_by_time'),
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
