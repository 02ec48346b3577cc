from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_refunds_decided_once")]

    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["started_at"], name="attempt_day"),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("bill_id__isnull", False)), fields=["bill_id"], name="payment_bill"
            ),
        ),
    ]
