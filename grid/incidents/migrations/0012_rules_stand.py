from django.db import migrations, models

GUARD = """
    CREATE FUNCTION category_rule_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.until IS NULL AND NEW.until IS NOT NULL
                AND to_jsonb(NEW) - 'until' = to_jsonb(OLD) - 'until' THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '% keeps its versions: % refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END $$;
    CREATE TRIGGER incidents_categoryrule_stands BEFORE UPDATE OR DELETE ON incidents_categoryrule
        FOR EACH ROW EXECUTE FUNCTION category_rule_stands();
    CREATE TRIGGER incidents_categoryrule_no_truncate BEFORE TRUNCATE ON incidents_categoryrule
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
UNGUARD = """
    DROP TRIGGER incidents_categoryrule_no_truncate ON incidents_categoryrule;
    DROP TRIGGER incidents_categoryrule_stands ON incidents_categoryrule;
    DROP FUNCTION category_rule_stands();
"""


class Migration(migrations.Migration):
    """A version of a rule is never changed: it only ends, once. What was judged by it can be judged again."""

    dependencies = [("incidents", "0009_rate_each_closing"), ("core", "0002_append_only")]

    operations = [
        migrations.AddConstraint(
            "categorygroup",
            models.UniqueConstraint(
                fields=["street", "name"],
                name="category_group_name_once",
                nulls_distinct=False,
                violation_error_message="There is a group of this name already.",
            ),
        ),
        migrations.AddConstraint(
            "category",
            models.UniqueConstraint(
                fields=["street", "name"],
                name="category_name_once",
                nulls_distinct=False,
                violation_error_message="There is a category of this name already.",
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
