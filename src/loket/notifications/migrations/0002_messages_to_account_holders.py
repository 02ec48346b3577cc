from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_messages")]

    operations = [
        migrations.RemoveConstraint("message", "message_subject_kind"),
        migrations.AddConstraint(
            "message",
            models.CheckConstraint(
                condition=models.Q(("subject_kind__in", ["case", "draft", "person"])),
                name="message_subject_kind",
            ),
        ),
    ]
