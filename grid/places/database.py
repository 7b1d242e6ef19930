"""Guards of territory that only the database can keep, as migration operations."""

from django.db.migrations.operations import RunSQL

FILL_COMMUNITY = RunSQL(
    """
    CREATE FUNCTION place_fill_community() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.level = 1 THEN
            NEW.community_id := NEW.id;
        ELSIF NEW.level > 1 AND NEW.community_id IS NULL THEN
            SELECT community_id INTO NEW.community_id FROM places_place WHERE id = NEW.parent_id;
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER place_fill_community BEFORE INSERT ON places_place
        FOR EACH ROW EXECUTE FUNCTION place_fill_community();
    CREATE FUNCTION placed_fill_community() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.community_id IS NULL THEN
            SELECT community_id INTO NEW.community_id FROM places_place WHERE id = NEW.place_id;
        END IF;
        RETURN NEW;
    END $$;
    """,
    """
    DROP TRIGGER place_fill_community ON places_place;
    DROP FUNCTION place_fill_community();
    DROP FUNCTION placed_fill_community();
    """,
)


def composite_key(table: str, name: str, columns: str, target: str, *, references: str = "places_place") -> RunSQL:
    """A foreign key over several columns, by default to `places_place`, checked at once."""
    return RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {references} ({target});",
        f"ALTER TABLE {table} DROP CONSTRAINT {name};",
    )


def placed(table: str) -> list[RunSQL]:
    """What every table of `Placed` records needs: `community` is filled in, and can only be the place's own."""
    return [
        RunSQL(
            f"""
            CREATE TRIGGER {table}_fill_community BEFORE INSERT OR UPDATE OF place_id, community_id ON {table}
                FOR EACH ROW EXECUTE FUNCTION placed_fill_community();
            """,
            f"DROP TRIGGER {table}_fill_community ON {table};",
        ),
        composite_key(table, f"{table}_place_community", "place_id, community_id", "id, community_id"),
    ]
