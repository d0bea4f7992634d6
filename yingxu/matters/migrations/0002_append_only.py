"""The journal cannot be changed: a trigger refuses; only personal data may be blanked, by matters_erase()."""

from django.db import migrations

GUARD = """
CREATE FUNCTION matters_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
     AND current_setting('yingxu.erase', true) = 'on'
     AND NEW.personal = '{}'::jsonb
     AND to_jsonb(NEW) - 'personal' = to_jsonb(OLD) - 'personal'
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the journal is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER matters_entry_append_only BEFORE UPDATE OR DELETE ON matters_entry
  FOR EACH ROW EXECUTE FUNCTION matters_entry_guard();
CREATE TRIGGER matters_entry_no_truncate BEFORE TRUNCATE ON matters_entry
  FOR EACH STATEMENT EXECUTE FUNCTION matters_entry_guard();

CREATE FUNCTION matters_erase(entries bigint[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE blanked integer;
BEGIN
  PERFORM set_config('yingxu.erase', 'on', true);
  UPDATE matters_entry SET personal = '{}' WHERE id = ANY(entries) AND personal <> '{}';
  GET DIAGNOSTICS blanked = ROW_COUNT;
  PERFORM set_config('yingxu.erase', 'off', true);
  RETURN blanked;
END $$;

ALTER TABLE matters_matter ALTER COLUMN search SET STATISTICS 1000;
"""

UNDO = """
ALTER TABLE matters_matter ALTER COLUMN search SET STATISTICS -1;
DROP FUNCTION matters_erase(bigint[]);
DROP TRIGGER matters_entry_no_truncate ON matters_entry;
DROP TRIGGER matters_entry_append_only ON matters_entry;
DROP FUNCTION matters_entry_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
