"""Refuses to change or remove what was published.

The card may be worked out anew from the source; everything else of a version is fixed.
"""

from django.db import migrations

_FORWARDS = """
CREATE FUNCTION catalogue_version_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER catalogue_version_fixed BEFORE UPDATE ON catalogue_serviceversion
    FOR EACH ROW WHEN (
        (OLD.id, OLD.service_id, OLD.content_hash, OLD.source, OLD.published_at, OLD.published_by)
        IS DISTINCT FROM
        (NEW.id, NEW.service_id, NEW.content_hash, NEW.source, NEW.published_at, NEW.published_by)
    ) EXECUTE FUNCTION catalogue_version_fixed();
CREATE TRIGGER catalogue_version_kept BEFORE DELETE ON catalogue_serviceversion
    FOR EACH ROW EXECUTE FUNCTION catalogue_version_fixed();
"""
_BACKWARDS = """
DROP TRIGGER catalogue_version_kept ON catalogue_serviceversion;
DROP TRIGGER catalogue_version_fixed ON catalogue_serviceversion;
DROP FUNCTION catalogue_version_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_services_and_versions")]
    operations = [migrations.RunSQL(_FORWARDS, _BACKWARDS)]
