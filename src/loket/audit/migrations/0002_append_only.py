"""Makes the record append-only, and keeps which transaction wrote each entry."""

from django.db import migrations

_FORWARDS = """
ALTER TABLE audit_entry ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit record is append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_entry_keep BEFORE DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_entry_fixed BEFORE UPDATE ON audit_entry
    FOR EACH ROW WHEN (
        OLD.seal IS NOT NULL OR NEW.seal IS NULL
        OR (OLD.id, OLD.at, OLD.actor_kind, OLD.actor_id, OLD.action, OLD.about_kind, OLD.about_id, OLD.facts,
            OLD.tx)
        IS DISTINCT FROM
           (NEW.id, NEW.at, NEW.actor_kind, NEW.actor_id, NEW.action, NEW.about_kind, NEW.about_id, NEW.facts,
            NEW.tx)
    ) EXECUTE FUNCTION audit_append_only();

CREATE TRIGGER audit_leaf_keep BEFORE UPDATE OR DELETE ON audit_leaf
    FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_checkpoint_keep BEFORE DELETE ON audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_checkpoint_fixed BEFORE UPDATE ON audit_checkpoint
    FOR EACH ROW WHEN (
        (OLD.number, OLD.size, OLD.root, OLD.previous_root, OLD.at, OLD.key_id, OLD.signature, OLD.peaks)
        IS DISTINCT FROM
        (NEW.number, NEW.size, NEW.root, NEW.previous_root, NEW.at, NEW.key_id, NEW.signature, NEW.peaks)
    ) EXECUTE FUNCTION audit_append_only();
"""
_BACKWARDS = """
DROP TRIGGER audit_checkpoint_fixed ON audit_checkpoint;
DROP TRIGGER audit_checkpoint_keep ON audit_checkpoint;
DROP TRIGGER audit_leaf_keep ON audit_leaf;
DROP TRIGGER audit_entry_fixed ON audit_entry;
DROP TRIGGER audit_entry_keep ON audit_entry;
DROP FUNCTION audit_append_only();
ALTER TABLE audit_entry DROP COLUMN tx;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_entries")]
    operations = [migrations.RunSQL(_FORWARDS, _BACKWARDS)]
