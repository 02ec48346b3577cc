"""Keeps access records as they were written."""

from django.db import migrations

_FORWARDS = """
CREATE FUNCTION privacy_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'access records are append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER privacy_accessrow_keep BEFORE UPDATE OR DELETE ON privacy_accessrow
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only();
"""
_BACKWARDS = """
DROP TRIGGER privacy_accessrow_keep ON privacy_accessrow;
DROP FUNCTION privacy_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_access")]
    operations = [migrations.RunSQL(_FORWARDS, _BACKWARDS)]
