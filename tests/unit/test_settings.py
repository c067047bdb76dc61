"""Which of several targets is meant: an option, the environment and the file all may name one."""

from pathlib import Path

import pytest

from cutover.settings import load_settings

FILE = """
[target]
url = "postgresql://file/app"
direct_url = "postgresql://file-direct/app"
"""
OPTION = {("target", "url"): "postgresql://option/app"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give a settings file that names a target twice: with a pooler, and past it."""
    (tmp_path / "cutover.toml").write_text(FILE)
    (tmp_path / "secret").write_text("postgresql://secret/app\n")
    return tmp_path / "cutover.toml"


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        ({}, "file-direct"),
        ({"CUTOVER_DIRECT_URL": "postgresql://env-direct/app"}, "env-direct"),
        ({"CUTOVER_TARGET_URL": "postgresql://env/app"}, "env"),
        ({"CUTOVER_TARGET_URL": ""}, "file-direct"),
        ({"CUTOVER_TARGET_URL_FILE": "secret"}, "secret"),
        (
            {
                "CUTOVER_TARGET_URL": "postgresql://env/app",
                "CUTOVER_DIRECT_URL": "postgresql://env-direct/app",
            },
            "env-direct",
        ),
    ],
)
def test_a_target_of_the_environment_wins_over_every_one_of_the_file(
    config: Path, environment: dict[str, str], host: str
) -> None:
    settings = load_settings(config, environment=environment)
    assert settings.target_url == f"postgresql://{host}/app"
    optional = load_settings(config, environment=environment, overrides=OPTION)
    assert optional.target_url == "postgresql://option/app"


def test_a_url_of_the_environment_wins_over_a_url_file_of_the_file(config: Path) -> None:
    config.write_text('[target]\nurl_file = "secret"\n')
    assert load_settings(config, environment={}).target_url == "postgresql://secret/app"
    environment = {"CUTOVER_TARGET_URL": "postgresql://env/app"}
    assert load_settings(config, environment=environment).target_url == "postgresql://env/app"


def test_what_else_is_set_of_the_target_stays(config: Path) -> None:
    config.write_text(f'{FILE}schema = "app"\n')
    assert load_settings(config, environment={}, overrides=OPTION).target.schema_ == "app"
