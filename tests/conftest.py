"""Real PostgreSQL for every test that asks for one: `--postgres=18` (the embedded) or `15`.

`database`        a fresh migrated database a test: its DSN
`module_database` the same, shared by the tests of one file
`new_database`    call it for a further one: `new_database()`, or `new_database(migrated=False)`
`settings`        Settings for `database`, with a folder of its own as `var`
`server`          the running EmbeddedServer itself

`city_database`   a fresh database a test with Mengzi in it, as of CITY_LOADED, and its demo
                  accounts (`dispatcher-cp01`, `liaison-u01`, …) under DEMO_PASSWORD
`module_city`     the same, shared by the tests of one file
`city_settings`   Settings for `city_database`

Each pytest-xdist worker has a server of its own; a test never shares a database with another.
"""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from tests.made_of import CITY_LOADED, DEMO_PASSWORD, SECRET, ZONE
from tracker.city_zone import note_zone
from tracker.context_names import HERE, SERVED
from tracker.eventstore.embedded import EmbeddedServer, packaged_binaries
from tracker.eventstore.migrations import migrate
from tracker.settings import PACKAGED_CITY, Settings

OF_CONTEXTS = frozenset({"contexts", "frozen", "browser"})  # the folders of such tests
DEBIANS_15 = Path("/usr/lib/postgresql/15/bin")
TEMPLATE, CITY_TEMPLATE = "migrated", "mengzi"
# What a test writes need not outlive the power: only test_embedded.py asks for that.
FAST = ("fsync=off", "full_page_writes=off", "shared_buffers=48MB", "max_connections=200")

# For `make mutate`: the same examples for every fault, and no time spent on a smaller one.
hypothesis_settings.register_profile(
    "mutants", derandomize=True, phases=[Phase.explicit, Phase.generate]
)

NewDatabase = Callable[..., str]
numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgres", choices=["18", "15"], default="18", help="the PostgreSQL to test on"
    )
    parser.addoption(
        "--shots", type=Path, help="a folder for a picture of every page and state (test_access.py)"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if OF_CONTEXTS.intersection(item.path.parts):
            item.add_marker("contexts")
        # What a browser shows does not depend on the PostgreSQL below: once, on 18, is enough.
        pages = "browser" in item.path.parts
        if "binaries" in getattr(item, "fixturenames", ()) and not pages:
            item.add_marker("postgres")
    if SERVED != HERE:
        # The whistle's own suite: what is of a context is not asked where none serves.
        of_contexts = [item for item in items if item.get_closest_marker("contexts")]
        config.hook.pytest_deselected(items=of_contexts)
        items[:] = [item for item in items if item not in of_contexts]


@pytest.fixture(scope="session", autouse=True)
def zone() -> None:
    """The zone of Mengzi, also for tests that build a city without reading a log."""
    note_zone(ZONE)


@pytest.fixture(scope="session")
def binaries(request: pytest.FixtureRequest) -> Path:
    """The folder of the PostgreSQL under test."""
    if request.config.getoption("--postgres") == "18":
        return packaged_binaries()
    if not DEBIANS_15.exists():
        pytest.exit("PostgreSQL 15 is missing: apt-get install postgresql-15", returncode=2)
    return DEBIANS_15


@pytest.fixture(scope="session")
def server(binaries: Path) -> Iterator[EmbeddedServer]:
    # Not in pytest's own folder: each run of pytest closes that one to other accounts, and under
    # root the server has an account of its own.
    with TemporaryDirectory(prefix="shaodao-test-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedServer(Path(folder), binaries=binaries, settings=FAST)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def administrator(server: EmbeddedServer) -> Iterator[psycopg.Connection]:
    with psycopg.connect(_named(server, "postgres"), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def template(server: EmbeddedServer, administrator: psycopg.Connection) -> str:
    administrator.execute(SQL("CREATE DATABASE {}").format(Identifier(TEMPLATE)))
    migrate(_named(server, TEMPLATE))
    return TEMPLATE


@pytest.fixture(scope="session")
def city_template(server: EmbeddedServer, administrator: psycopg.Connection, template: str) -> str:
    administrator.execute(
        SQL("CREATE DATABASE {} TEMPLATE {}").format(
            Identifier(CITY_TEMPLATE), Identifier(template)
        )
    )
    # Here and not above: the domain's tests need not wait for the whole tracker to load.
    from tracker.city.pack import citypack
    from tracker.city.pack.loading import give_demo_passwords, load_city
    from tracker.commands.tracker import Tracker

    settings = Settings(database_url=_named(server, CITY_TEMPLATE), secret_key=SECRET)
    with Tracker(settings, name="test") as tracker:
        changes = load_city(tracker, citypack.read(PACKAGED_CITY), True, CITY_LOADED)
        give_demo_passwords(tracker, changes.city, DEMO_PASSWORD, CITY_LOADED)
    return CITY_TEMPLATE


@pytest.fixture
def new_database(
    server: EmbeddedServer, administrator: psycopg.Connection, template: str
) -> Iterator[NewDatabase]:
    yield from _databases(server, administrator, template)


@pytest.fixture
def database(new_database: NewDatabase) -> str:
    return new_database()


@pytest.fixture(scope="module")
def module_database(
    server: EmbeddedServer, administrator: psycopg.Connection, template: str
) -> Iterator[str]:
    for new in _databases(server, administrator, template):
        yield new()


@pytest.fixture
def city_database(
    server: EmbeddedServer, administrator: psycopg.Connection, city_template: str
) -> Iterator[str]:
    for new in _databases(server, administrator, city_template):
        yield new()


@pytest.fixture(scope="module")
def module_city(
    server: EmbeddedServer, administrator: psycopg.Connection, city_template: str
) -> Iterator[str]:
    for new in _databases(server, administrator, city_template):
        yield new()


@pytest.fixture
def city_settings(city_database: str, tmp_path: Path) -> Settings:
    return Settings(database_url=city_database, var=tmp_path / "var", secret_key=SECRET)


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return Settings(database_url=database, var=tmp_path / "var", secret_key=SECRET)


def _databases(
    server: EmbeddedServer, administrator: psycopg.Connection, template: str
) -> Iterator[NewDatabase]:
    made: list[str] = []

    def new(migrated: bool = True) -> str:
        name = f"test_{next(numbers)}"
        copied = template if migrated else "template1"
        administrator.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(copied))
        )
        made.append(name)
        return _named(server, name)

    yield new
    for name in made:
        administrator.execute(
            SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
        )


def _named(server: EmbeddedServer, database: str) -> str:
    return make_conninfo(server.dsn, dbname=database)
