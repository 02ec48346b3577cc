from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_bills")]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="request_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(fields=("money", "request_id"), name="refund_decided_once"),
        ),
    ]
