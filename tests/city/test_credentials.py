"""Who may sign in: passwords, sessions, and the accounts that an operator opens and closes."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner

from tests.mengzi import LOADED_AT, OPERATOR, PACK
from tracker.city import credentials as accounts
from tracker.city.pack.loading import load_city
from tracker.commands.tracker import Tracker
from tracker.domain.actors import Role
from tracker.domain.city.accounts import (
    Account,
    AccountTaken,
    BadUsername,
    PasswordTooShort,
    ScopeMissing,
    UnknownAccount,
)
from tracker.domain.city.units import UnknownUnit
from tracker.settings import Settings

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def tracker(module_database: str) -> Iterator[Tracker]:
    with Tracker(Settings(database_url=module_database), name="test", pool_size=2) as tracker:
        load_city(tracker, PACK, False, LOADED_AT)
        yield tracker


def opened(tracker: Tracker, username: str, **scope: str) -> None:
    role = Role.HANDLER if "unit" in scope else Role.AUDITOR
    account = Account(username=username, role=role, display_name=username, **scope)  # type: ignore[arg-type]
    accounts.open_account(tracker, account, PASSWORD, LOADED_AT, OPERATOR)


def test_a_password_is_kept_as_its_argon2id_hash_outside_the_log(tracker: Tracker) -> None:
    opened(tracker, "li")

    with tracker.connection() as connection:
        kept = connection.execute(
            "SELECT password_hash FROM credentials WHERE account = 'li'"
        ).fetchone()
        logged = connection.execute(
            "SELECT count(*) FROM log WHERE state::text LIKE '%argon2%'"
        ).fetchone()
        assert kept is not None
        assert kept[0].startswith("$argon2id$")
        assert logged == (0,)
        assert accounts.verify_password(connection, "li", PASSWORD)
        assert not accounts.verify_password(connection, "li", PASSWORD + " ")
        assert not accounts.verify_password(connection, "nobody", PASSWORD)


def test_a_session_lasts_twelve_hours_and_its_token_is_not_stored(tracker: Tracker) -> None:
    opened(tracker, "zhao")
    with tracker.connection() as connection:
        token = accounts.open_session(connection, "zhao", LOADED_AT)

        almost = LOADED_AT + timedelta(hours=12, seconds=-1)
        over = LOADED_AT + timedelta(hours=12)

        assert accounts.account_of_token(connection, token, almost) == "zhao"
        assert accounts.account_of_token(connection, token, over) is None
        assert accounts.account_of_token(connection, "another", almost) is None
        stored = connection.execute("SELECT token_digest FROM sessions").fetchall()
        assert token not in [row[0] for row in stored]
        assert accounts.forget_old_sessions(connection, over) == 1


def test_a_closed_session_is_worth_nothing(tracker: Tracker) -> None:
    opened(tracker, "qian")
    with tracker.connection() as connection:
        token = accounts.open_session(connection, "qian", LOADED_AT)

        accounts.close_session(connection, token)

        assert accounts.account_of_token(connection, token, LOADED_AT) is None


def test_a_new_password_signs_the_account_out_everywhere(tracker: Tracker) -> None:
    opened(tracker, "sun")
    with tracker.connection() as connection:
        token = accounts.open_session(connection, "sun", LOADED_AT)

    accounts.change_password(tracker, "sun", "another long password", LOADED_AT)

    with tracker.connection() as connection:
        assert accounts.account_of_token(connection, token, LOADED_AT) is None
        assert not accounts.verify_password(connection, "sun", PASSWORD)
        assert accounts.verify_password(connection, "sun", "another long password")


def test_a_disabled_account_loses_its_sessions_and_keeps_its_past(tracker: Tracker) -> None:
    opened(tracker, "zhou", unit="U01")
    with tracker.connection() as connection:
        token = accounts.open_session(connection, "zhou", LOADED_AT)

    accounts.disable(tracker, "zhou", LOADED_AT, OPERATOR)

    assert tracker.city.account("zhou").active is False
    assert tracker.city.account("zhou").unit == "U01"
    with tracker.connection() as connection:
        assert accounts.account_of_token(connection, token, LOADED_AT) is None


def test_what_makes_no_account_is_refused_and_leaves_nothing(tracker: Tracker) -> None:
    opened(tracker, "wu")
    before = tracker.directory.refresh().version

    with pytest.raises(AccountTaken):
        opened(tracker, "wu")
    with pytest.raises(BadUsername):
        opened(tracker, "system")
    with pytest.raises(UnknownUnit):
        opened(tracker, "zheng", unit="U99")
    with pytest.raises(ScopeMissing):
        nowhere = Account(username="wang", role=Role.DISPATCHER, display_name="派遣员")
        accounts.open_account(tracker, nowhere, PASSWORD, LOADED_AT, OPERATOR)
    with pytest.raises(PasswordTooShort):
        short = Account(username="wang", role=Role.LEADER, display_name="领导")
        accounts.open_account(tracker, short, "short", LOADED_AT, OPERATOR)

    assert tracker.directory.refresh().version == before


def test_the_operator_opens_lists_and_disables_accounts_at_the_console(
    tracker: Tracker, module_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", module_database)
    run = CliRunner()

    added = run.invoke(
        accounts.account,
        ["add", "feng", "--role", "dispatcher", "--post", "CP01", "--password", PASSWORD],
    )
    disabled = run.invoke(accounts.account, ["disable", "feng"])
    listed = run.invoke(accounts.account, ["list", "--json"])

    assert (added.output, added.exit_code) == ("feng may sign in.\n", 0)
    assert (disabled.output, disabled.exit_code) == ("feng is disabled.\n", 0)
    [feng] = [one for one in json.loads(listed.output) if one["username"] == "feng"]
    assert feng == {
        "username": "feng",
        "role": "dispatcher",
        "display_name": "feng",
        "post": "CP01",
        "unit": None,
        "grid": None,
        "street": None,
        "active": False,
    }


def test_an_account_that_does_not_exist_cannot_be_changed(tracker: Tracker) -> None:
    with pytest.raises(UnknownAccount):
        accounts.change_password(tracker, "nobody", PASSWORD, LOADED_AT)
    with pytest.raises(UnknownAccount):
        accounts.disable(tracker, "nobody", LOADED_AT, OPERATOR)
