from pathlib import Path

import pytest

from tracker.settings import PACKAGED_CITY, Settings, SettingsError


def test_an_empty_environment_gives_the_defaults():
    settings = Settings.from_env({"TRACKER_VAR": "/nowhere"})

    assert settings == Settings(
        database_url=None,
        var=Path("/nowhere"),
        port=8000,
        city=PACKAGED_CITY,
        demo_password=None,
        secret_key=None,
        demo=True,
    )


def test_every_variable_is_taken_as_it_is_given():
    settings = Settings.from_env(
        {
            "DATABASE_URL": "postgresql://db/shaodao",
            "TRACKER_VAR": "/data",
            "PORT": "8123",
            "TRACKER_CITY": "/packs/jianshui.json",
            "TRACKER_DEMO_PASSWORD": "one for all",
            "TRACKER_SECRET_KEY": "a key",
            "DEMO": "0",
        }
    )

    assert settings == Settings(
        database_url="postgresql://db/shaodao",
        var=Path("/data"),
        port=8123,
        city=Path("/packs/jianshui.json"),
        demo_password="one for all",
        secret_key="a key",
        demo=False,
    )


def test_an_empty_variable_counts_as_unset():
    names = ("DATABASE_URL", "PORT", "TRACKER_CITY", "TRACKER_DEMO_PASSWORD", "TRACKER_SECRET_KEY")
    unset = {"TRACKER_VAR": "/nowhere"}

    assert Settings.from_env({**unset, **dict.fromkeys(names, "")}) == Settings.from_env(unset)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "８０００"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(SettingsError, match="PORT"):
        Settings.from_env({"PORT": port})


def test_the_key_that_demo_mode_keeps_is_found_again(tmp_path):
    (tmp_path / "secret-key").write_text("kept\n")

    assert Settings.from_env({"TRACKER_VAR": str(tmp_path)}).secret() == b"kept"


def test_without_a_key_no_receipt_is_hashed(tmp_path):
    with pytest.raises(SettingsError, match="TRACKER_SECRET_KEY"):
        Settings.from_env({"TRACKER_VAR": str(tmp_path)}).secret()
