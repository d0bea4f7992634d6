from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="file",
            name="secrecy",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Ordinary"), (1, "Confidential"), (2, "Secret"), (3, "Top secret")], default=0
            ),
        ),
        migrations.AddConstraint(
            model_name="file",
            constraint=models.CheckConstraint(
                condition=models.Q(("secrecy", 0), models.Q(("public", False), ("secrecy__lte", 3)), _connector="OR"), name="file_secrecy_known"
            ),
        ),
    ]
