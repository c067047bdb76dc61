"""Plugins and markers only; each fixture lives in the `fix_` module of its subject."""

pytest_plugins = ["tests.fix_cli", "tests.fix_postgres", "tests.fix_reference", "tests.fix_sqlite"]
