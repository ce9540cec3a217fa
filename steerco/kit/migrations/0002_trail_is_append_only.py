"""The database itself refuses to edit or delete the audit trail."""

from django.db import migrations

POSTGRES = [
    """
    CREATE FUNCTION kit_trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$;
    """,
    """
    CREATE TRIGGER kit_change_append_only BEFORE UPDATE OR DELETE ON kit_change
    FOR EACH ROW EXECUTE FUNCTION kit_trail_is_append_only();
    """,
    """
    CREATE TRIGGER kit_change_no_truncate BEFORE TRUNCATE ON kit_change
    FOR EACH STATEMENT WHEN (current_setting('steerco.allow_truncate', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION kit_trail_is_append_only();
    """,
]
SQLITE = [
    f"""
    CREATE TRIGGER kit_change_no_{verb.lower()} BEFORE {verb} ON kit_change
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
    """
    for verb in ("UPDATE", "DELETE")
]


def forwards(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER kit_change_append_only ON kit_change")
        schema_editor.execute("DROP TRIGGER kit_change_no_truncate ON kit_change")
        schema_editor.execute("DROP FUNCTION kit_trail_is_append_only()")
    else:
        schema_editor.execute("DROP TRIGGER kit_change_no_update")
        schema_editor.execute("DROP TRIGGER kit_change_no_delete")


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
