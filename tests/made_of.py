"""What the databases of the tests are made of."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")  # of the city that the tests load
CITY_LOADED = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=8)))
DEMO_PASSWORD = "one password for all"
SECRET = "a key for tests"
