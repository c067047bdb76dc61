"""Sets that work, sets that are broken, and sets that would choose a database of their own."""

import sys
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from cutover.errors import TargetError, Terminated, TryAgain, UsageError
from cutover.migrate import heads_of, migrate_postgres, revisions_of
from cutover.scaffolding.files import template
from cutover.targets.postgres.connect import connect
from cutover.targets.postgres.urls import parse_url

ALEMBICS_OWN = files("alembic").joinpath("templates", "generic", "env.py").read_text("utf-8")
ENV = template("env_postgres.py")
SECRET = "s3cret-word"

MakeSet = Callable[..., Path]


def revision(name: str, body: str, *, down: str | None = None, top: str = "") -> str:
    """Return the text of a revision; `top` stands before everything, `body` in upgrade()."""
    return (
        f"{top}\nimport sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = {name!r}\ndown_revision = {down!r}\n\n"
        f"def upgrade():\n    {body}\n"
    )


CREATE = 'op.create_table("note", sa.Column("id", sa.Integer, primary_key=True))'


@pytest.fixture
def make_set(tmp_path: Path) -> MakeSet:
    """Give a function that writes a set: its env.py, and a revision for each text."""

    def make(*revisions: str, env: str = ENV) -> Path:
        (tmp_path / "set" / "versions").mkdir(parents=True)
        (tmp_path / "set" / "env.py").write_text(env)
        for number, text in enumerate(revisions, 1):
            (tmp_path / "set" / "versions" / f"{number:04}.py").write_text(text)
        return tmp_path / "set"

    return make


def relations(url: str, schema: str) -> list[str]:
    with closing(connect(url)) as connection:
        query = (
            "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE nspname = %s AND relkind = 'r' ORDER BY 1"
        )
        return [name for (name,) in connection.execute(query, (schema,))]


def test_a_set_runs_to_its_head_and_a_second_time_changes_nothing(
    make_set: MakeSet, postgres_url: str
) -> None:
    directory = make_set(revision("a", CREATE), revision("b", "pass", down="a"))
    assert revisions_of(postgres_url) == ()
    assert migrate_postgres(postgres_url, directory) == ("b",)
    assert migrate_postgres(postgres_url, directory) == ("b",)
    assert revisions_of(postgres_url) == ("b",)
    assert relations(postgres_url, "public") == ["alembic_version", "note"]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (revision("b", "pass", down="a", top="import no_such_module"), "no_such_module"),
        (revision("b", "pass", down="a", top="def ("), "SyntaxError"),
        (revision("b", "pass", down="gone"), "gone"),
        (revision("a", "pass"), "a is present more than once"),
        (revision("b", "pass", down="b"), "b"),
        (revision("b", "pass", down="a", top="raise SystemExit('no thanks')"), "no thanks"),
        (revision("b", "pass", down="a", top="{}['lost']"), "KeyError: 'lost'"),
        ("x = 1\n", "0002_py"),
    ],
    ids=["import", "syntax", "parent", "twice", "circle", "exit", "key", "no revision"],
)
def test_a_set_that_cannot_be_loaded_is_named_with_what_is_wrong(
    make_set: MakeSet, broken: str, said: str
) -> None:
    directory = make_set(revision("a", CREATE), broken)
    with pytest.raises(UsageError) as caught:
        heads_of(directory)
    assert str(directory) in caught.value.message
    assert said in caught.value.detail
    assert "\n" not in caught.value.detail
    assert caught.value.hint
    assert caught.value.__cause__ is not None


def test_a_revision_whose_import_fails_is_named_with_its_line(make_set: MakeSet) -> None:
    directory = make_set(revision("a", "pass", top="\n\nimport no_such_module"))
    with pytest.raises(UsageError) as caught:
        heads_of(directory)
    assert "versions/0001.py, line 3: ModuleNotFoundError" in caught.value.detail
    assert "PYTHONPATH" in caught.value.hint


def test_two_heads_are_named(make_set: MakeSet) -> None:
    directory = make_set(revision("a", "pass"), revision("b", "pass"))
    with pytest.raises(UsageError, match="has 2 heads") as caught:
        heads_of(directory)
    assert caught.value.detail == "a, b"


@pytest.mark.parametrize("kind", ["missing", "file", "no env"])
def test_what_is_no_set_is_told_so(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "set"
    if kind == "file":
        path.write_text("")
    if kind == "no env":
        (path / "versions").mkdir(parents=True)
    with pytest.raises(UsageError, match="is not an Alembic set") as caught:
        heads_of(path)
    assert str(path) in caught.value.message
    assert "[sets]" in caught.value.hint


def test_an_env_that_is_no_python_is_told_so(make_set: MakeSet) -> None:
    with pytest.raises(UsageError) as caught:
        heads_of(make_set(revision("a", "pass"), env="def (\n"))
    assert "env.py" in caught.value.detail


@pytest.mark.parametrize(
    "env",
    [
        ALEMBICS_OWN,
        ALEMBICS_OWN.replace("if context.is", "# config.attributes['connection']\nif context.is"),
        ALEMBICS_OWN.replace("if context.is", "quiet = config.attributes.get('q')\nif context.is"),
    ],
    ids=["alembic's own", "in a comment", "another attribute"],
)
def test_an_env_that_would_choose_the_database_itself_is_refused(
    make_set: MakeSet, postgres_url: str, env: str
) -> None:
    directory = make_set(revision("a", CREATE), env=env)
    with pytest.raises(UsageError) as caught:
        heads_of(directory)
    assert str(directory / "env.py") in caught.value.message
    with pytest.raises(UsageError):
        migrate_postgres(postgres_url, directory)
    assert relations(postgres_url, "public") == []


def test_an_env_that_takes_its_url_from_the_environment_never_gets_to_run(
    make_set: MakeSet, postgres_url: str, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    env = f"from pathlib import Path\nPath({str(ran)!r}).touch()\n"
    directory = make_set(
        revision("a", f"from pathlib import Path; Path({str(ran)!r}).touch()"), env=env
    )
    with pytest.raises(UsageError):
        migrate_postgres(postgres_url, directory)
    assert not ran.exists()


def test_alembics_own_env_works_once_the_lines_of_the_hint_are_in(
    make_set: MakeSet, postgres_url: str
) -> None:
    directory = make_set(revision("a", CREATE), env=ALEMBICS_OWN)
    with pytest.raises(UsageError) as caught:
        heads_of(directory)
    lines = caught.value.hint.splitlines()[-3:]
    last_if = "if context.is_offline_mode():"
    assert ALEMBICS_OWN.count(last_if) == 1
    mended = ALEMBICS_OWN.replace(last_if, "\n".join([*lines, f"el{last_if}"]))
    (directory / "env.py").write_text(mended)
    assert migrate_postgres(postgres_url, directory, schema="app") == ("a",)
    assert relations(postgres_url, "app") == ["alembic_version", "note"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise OSError('no disk')", "OSError: no disk"),
        ("raise ValueError('not\\n  this')", "ValueError: not this"),
        ("{}['url']", "KeyError: 'url'"),
        ("raise SystemExit('I leave')", "SystemExit: I leave"),
        ("op.execute('SELECT 1 FROM nowhere')", "42P01"),
        ("op.get_bind().connection.cursor().execute('SELECT nowhere')", "42703"),
    ],
)
def test_what_a_revision_raises_is_told_with_its_set_and_revision(
    make_set: MakeSet, postgres_url: str, body: str, said: str
) -> None:
    directory = make_set(revision("a", CREATE), revision("b", body, down="a"))
    with pytest.raises(TargetError) as caught:
        migrate_postgres(postgres_url, directory)
    assert str(directory) in caught.value.message
    assert 'revision "b"' in caught.value.message
    assert said in caught.value.detail
    assert caught.value.__cause__ is not None
    assert revisions_of(postgres_url) == ("a",)


def test_what_env_raises_is_told_with_its_line(make_set: MakeSet, postgres_url: str) -> None:
    env = 'from alembic import context\ncontext.config.attributes["connection"]["url"]\n'
    directory = make_set(revision("a", CREATE), env=env)
    with pytest.raises(TargetError) as caught:
        migrate_postgres(postgres_url, directory)
    assert caught.value.message == f'the set "{directory}" failed'
    assert caught.value.detail.startswith("env.py, line 2: TypeError: ")


def test_a_revision_that_the_set_does_not_have_is_named(
    make_set: MakeSet, postgres_url: str
) -> None:
    directory = make_set(revision("a", CREATE))
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num varchar(32))")
        connection.execute("INSERT INTO alembic_version VALUES ('stranger')")
    with pytest.raises(TargetError) as caught:
        migrate_postgres(postgres_url, directory)
    assert "stranger" in caught.value.detail


@pytest.mark.hazard("A72", "gives up on a lock in time, with the status that says: try again")
def test_a_lock_that_someone_holds_asks_for_another_try(
    make_set: MakeSet, postgres_url: str
) -> None:
    body = "op.execute(\"SET lock_timeout = '50ms'\"); op.execute('LOCK TABLE held')"
    directory = make_set(revision("a", body))
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE held ()")
        connection.commit()
        connection.execute("LOCK TABLE held")
        with pytest.raises(TryAgain, match="set"):
            migrate_postgres(postgres_url, directory)


@pytest.mark.parametrize(
    "body",
    [
        f"op.execute(\"ALTER ROLE no_such_role PASSWORD '{SECRET}'\")",
        f"op.get_bind().execute(sa.text('SELECT 1/0, :w').bindparams(w='{SECRET}'))",
        "op.get_bind().execute(sa.insert(sa.table('t', sa.column('a', sa.LargeBinary)))"
        f".values(a=sa.bindparam('w', type_=sa.Enum('x', name='e'))), dict(w='{SECRET}'))",
    ],
    ids=["statement", "parameter", "before the server sees it"],
)
def test_no_statement_and_no_parameter_gets_into_the_text(
    make_set: MakeSet, postgres_url: str, body: str
) -> None:
    with pytest.raises(TargetError) as caught:
        migrate_postgres(postgres_url, make_set(revision("a", body)))
    assert "[SQL" not in str(caught.value)
    assert "[parameters" not in str(caught.value)
    assert "ALTER ROLE" not in str(caught.value)
    assert isinstance(caught.value.__cause__, (psycopg.Error, LookupError))


def test_the_password_of_the_url_gets_into_no_text(make_set: MakeSet, postgres_url: str) -> None:
    joint = "&" if "?" in postgres_url else "?"
    url = f"{postgres_url}{joint}password={SECRET}"
    with pytest.raises(TargetError) as caught:
        migrate_postgres(
            url, make_set(revision("a", f"raise ValueError('postgresql://u:{SECRET}@h')"))
        )
    assert "ValueError: postgresql://u:***@h" in caught.value.detail
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, Terminated])
@pytest.mark.parametrize("where", ["upgrade", "import"])
def test_an_interrupt_passes_through_untouched(
    make_set: MakeSet,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[BaseException],
    where: str,
) -> None:
    monkeypatch.setattr(sys, "_the_interrupt", kind("now"), raising=False)
    stop = "import sys; raise sys._the_interrupt"
    text = revision("a", stop) if where == "upgrade" else revision("a", "pass", top=stop)
    with pytest.raises(kind) as caught:
        migrate_postgres(postgres_url, make_set(text))
    assert type(caught.value) is kind
    assert revisions_of(postgres_url) == ()


def test_alembics_own_word_is_not_taken(make_set: MakeSet, postgres_url: str) -> None:
    handed = 'context.config.attributes["connection"]'
    env = (
        f"from alembic import context\n{handed}.exec_driver_sql('SELECT 1')\n"
        f"context.configure(connection={handed})\n"
        "with context.begin_transaction():\n    context.run_migrations()\n"
    )
    with pytest.raises(TargetError, match="nothing was applied"):
        migrate_postgres(postgres_url, make_set(revision("a", CREATE), env=env))


def test_a_schema_that_is_missing_is_made(make_set: MakeSet, postgres_url: str) -> None:
    directory = make_set(revision("a", CREATE), revision("b", "pass", down="a"))
    assert revisions_of(postgres_url, schema="app") == ()
    assert migrate_postgres(postgres_url, directory, schema="app") == ("b",)
    assert revisions_of(postgres_url, schema="app") == ("b",)
    assert relations(postgres_url, "app") == ["alembic_version", "note"]
    assert relations(postgres_url, "public") == []
    assert migrate_postgres(postgres_url, directory, schema="app") == ("b",)


def test_a_schema_without_the_revision_table_is_at_no_revision(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE SCHEMA app")
    assert revisions_of(postgres_url, schema="app") == ()


def test_a_role_that_may_make_no_schema_is_told_what_to_grant(
    make_set: MakeSet, postgres_url: str
) -> None:
    role = str(parse_url(postgres_url)["dbname"])
    joint = "&" if "?" in postgres_url else "?"
    directory = make_set(revision("a", CREATE))
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        try:
            url = f"{postgres_url}{joint}user={role}"
            with pytest.raises(TargetError) as caught:
                migrate_postgres(url, directory, schema="app")
            # With the schema there, and owned by that role, all is well.
            made = sql.SQL("CREATE SCHEMA app AUTHORIZATION {}").format(sql.Identifier(role))
            admin.execute(made)
            assert migrate_postgres(url, directory, schema="app") == ("a",)
        finally:
            admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    assert '"app"' in caught.value.message
    assert f'CREATE SCHEMA "app" AUTHORIZATION "{role}"' in caught.value.hint
    assert f'GRANT CREATE ON DATABASE "{role}" TO "{role}"' in caught.value.hint


def test_a_revision_table_that_may_not_be_read_is_told_so(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE alembic_version (other text)")
    with pytest.raises(TargetError, match="alembic_version"):
        revisions_of(postgres_url)
