"""Impact assessments cannot be deleted before their time (PIPL art. 56), and whatever goes out already is in the register of recipients."""

from django.db import migrations
from django.utils import timezone

GUARD = """
CREATE FUNCTION privacy_assessment_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.kept_until IS NOT NULL AND OLD.kept_until > CURRENT_DATE THEN
        RAISE EXCEPTION 'impact assessment % is kept until %', OLD.matter_id, OLD.kept_until USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER privacy_assessment_kept BEFORE DELETE ON privacy_assessment FOR EACH ROW EXECUTE FUNCTION privacy_assessment_kept();
"""
UNDO = "DROP TRIGGER privacy_assessment_kept ON privacy_assessment; DROP FUNCTION privacy_assessment_kept();"
TAKEN = "接管自升级前的设置，合同待补 / taken over from before, contract to be completed"


def take_over(apps, schema_editor):
    """What was switched on before the register existed goes on, to recipients somebody completes."""
    get = apps.get_model
    purpose = get("privacy", "Purpose").objects.filter(active=True).order_by("order", "id").first()
    ways = []
    sms = get("notices", "SmsOut").objects.order_by("id").first()
    if sms and sms.provider != "recording":
        ways.append(("sms", sms.provider, ["contact", "words"], ""))
    mail = get("notices", "MailOut").objects.order_by("id").first()
    if mail and mail.on and mail.host not in ("", "localhost", "127.0.0.1", "::1"):
        ways.append(("mail", mail.host, ["contact", "name", "words"], ""))
    ways += [(f"robot:{row.pk}", row.channel, ["number"], "") for row in get("notices", "Robot").objects.filter(on=True)]
    ways += [(f"webhook:{row.pk}", row.recipient, ["number"], row.purpose) for row in get("api", "Endpoint").objects.filter(deleted_at=None)]
    now = timezone.now()
    for outlet, name, fields, words in ways:
        recipient, _new = get("privacy", "Recipient").objects.get_or_create(
            name=name, defaults={"role": "processor", "contract": TAKEN, "fields": fields, "active": True, "made_at": now, "changed_at": now}
        )
        if purpose:
            recipient.purposes.add(purpose)
        get("privacy", "Handover").objects.create(
            outlet=outlet, recipient=recipient, purpose=None if words else purpose, words=words or ("" if purpose else TAKEN[:60]), began_at=now
        )


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_guarding"), ("api", "0002_webhooks"), ("notices", "0004_purposes")]

    operations = [
        migrations.RunSQL(GUARD, UNDO),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
