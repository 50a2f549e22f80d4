"""What happened in the old data folder besides its simulated weeks, day by day, by real commands.

Every moment is a fixed one. Only ids, salts and positions of the log differ between two makings.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from api.door.access import Person
from api.door.receipt_codes import hashed
from api.service.photos import keep
from tests.api.web import LAMP, jpeg
from tests.frozen.asked import GRID
from tests.frozen.means import END, HELP, NOBODY, Means, at
from tests.giving import OPENED, a_call
from tests.made_of import DEMO_PASSWORD, SECRET
from tracker.city.answers import keep_answer
from tracker.city.changing import absences, accounts, calendars, catalogue, posts, promises, units
from tracker.city.credentials import open_account, open_session
from tracker.commands.fields import Address
from tracker.commands.whistle.dispatching import Acknowledge
from tracker.commands.whistle.raising import Join
from tracker.commands.whistle.triage import SelfResolve
from tracker.contexts.handover.commands import Receive, Sign
from tracker.contexts.summons.commands import Arrive, Cancel, Summon
from tracker.domain.actors import Role
from tracker.domain.city.accounts import Account
from tracker.domain.city.answers import Answer
from tracker.domain.city.policy import CalendarYear
from tracker.domain.city.posts import Absence
from tracker.eventstore.contents import erase
from tracker.eventstore.idempotency import IdempotencyRecord
from tracker.metrics.asking import ask as ask_question
from tracker.projections.engine.log_moments import LogMoments
from tracker.reports.what_if import running as what_ifs

OTHER_GRID = "53250300100104"  # of the community that CP01 serves, like GRID
MOVED_GRID = "53250300100101"
VIOLENCE, CABLE, LITTER, PARKING = "E0802", "C0104", "E0101", "C0207"
RECEIPT, ANOTHER_RECEIPT = "0123-4567-89AB-CDEF", "FEDC-BA98-7654-3210"
SPRING = date(2027, 2, 8)  # the holidays of a year that was published meanwhile


class Story(Means):
    def live(self) -> None:
        self.first_week()
        self.passes(at(26, "08:00"))
        self.registers_change()
        self.second_week()
        self.passes(at(2, "08:00", 11))
        self.a_year_is_published()
        self.passes(at(5, "08:00", 11))
        self.noon()
        self.last_hours()
        self.passes(END)
        self.beside_the_log()

    def first_week(self) -> None:
        """Before anything of the registers changed: under the first promises."""
        self.now = at(21, "08:30")
        told, day = self.told, 21
        told["parent"] = self.at_work(at(day, "09:00"), "独居老人家里断水两天,没人照看")
        for name, clock in (("child", "09:40"), ("second child", "10:05")):
            told[name] = self.raised(at(day, clock), "隔壁老人家里没水")
            later = at(day, clock) + timedelta(minutes=8)
            self.gives(later, "intake-cp01", "classify", told[name], category=HELP)
            merge = {"into": told["parent"]}
            self.gives(
                later + timedelta(minutes=9), "dispatcher-cp01", "merge", told[name], **merge
            )
        self.tracker.give(
            Join(text="我也住这栋楼,一样的情况"),
            told["parent"],
            actor=replace(NOBODY, reporter_of=hashed(ANOTHER_RECEIPT, SECRET.encode())),
            at=at(day, "11:10"),
            receipt=hashed(ANOTHER_RECEIPT, SECRET.encode()),
        )
        told["reopened"] = self.closed(at(day, "09:15"), "腿脚不便,买菜没人帮")
        self.gives(at(23, "10:00"), "commander-cp01", "urge", told["parent"], note="请今天到场")
        self.gives(
            at(23, "10:05"), "commander-cp01", "escalate", told["parent"], reason="需两家合办"
        )
        self.gives(
            at(23, "15:30"),
            "supervisor",
            "reopen",
            told["reopened"],
            reason="答应每周来一次,只来了一次",
        )
        told["long"] = self.at_work(at(22, "09:00"), "路边停车位划得太乱", "U05", category=PARKING)
        for ask, answer in ((at(22, "11:00"), at(22, "15:00")), (at(23, "09:00"), at(23, "11:00"))):
            self.gives(ask, "handler-u05", "request_extension", told["long"], reason="要全路段重划")
            decided = {"granted": True, "reason": "情况属实"}
            self.gives(answer, "supervisor", "decide_extension", told["long"], **decided)

    def registers_change(self) -> None:
        """A unit is renamed, a category ends, a post is redrawn, promises get shorter."""
        tracker, when = self.tracker, at(26, "09:00")
        named = replace(tracker.city.unit("U21"), name="蒙自市残疾人服务联合会", short="残服联")
        self.changed(when, units.Amend(named))
        self.changed(when, catalogue.Retire("E0205"))
        self.changed(when, posts.Redraw("CP02", when.date(), take=(MOVED_GRID,)))
        general = tracker.city.policy.sla_class("G4")
        shorter = replace(general, resolve=replace(general.resolve, value=4))
        self.changed(when, promises.Revise((shorter,)))
        absence = Absence(self._commander("CP03"), date(2026, 10, 28), date(2026, 11, 3))
        self.changed(when, absences.Leave("CP03", absence))
        second = Account(
            username="dispatcher-cp01-b",
            role=Role.DISPATCHER,
            display_name="派遣员二",
            post="CP01",
        )
        open_account(tracker, second, DEMO_PASSWORD, when, self.actor("admin"))
        for change in (accounts.Shut("gw-53250300300101"), accounts.Reopen("gw-53250300300101")):
            self.changed(at(27, "09:00"), change)
        self.changed(at(27, "09:10"), accounts.Shut("gw-53250300300102"))
        text = "已到{地点}查看,正在处理,办好后答复您。"
        own = Answer(code="A-U08-1", name="已到场", unit="U08", step="respond", text=text)
        keep_answer(tracker, own, when, self.actor("liaison-u08"))

    def _commander(self, post: str) -> str:
        holder = self.tracker.city.post(post).acting_commander(date(2026, 10, 28))
        assert holder is not None
        return holder.holder

    def second_week(self) -> None:
        told = self.told
        told["suspended"] = self.at_work(at(28, "09:00"), "楼道扶手松动,老人不敢下楼")
        held = {
            "reason": "procurement",
            "review_on": date(2026, 11, 18),
            "safety_measure": "已拉警示带,每日巡查",
        }
        self.gives(at(28, "11:00"), "handler-u08", "suspend", told["suspended"], **held)
        self.gives(at(28, "14:30"), "dispatcher-cp01", "suspend", told["suspended"], **held)
        secret = hashed(RECEIPT, SECRET.encode())
        self.now = at(29, "09:00")
        told["anonymous"] = self.raised(
            at(29, "09:10"),
            "半夜有人在小区门口倒渣土",
            anonymous=True,
            category=LITTER,
            photos=[self.photo()],
            receipt_hash=secret,
        )
        told["confidential"] = self.raised(
            at(29, "20:15"),
            "楼上又在打人,孩子在哭",
            category=VIOLENCE,
            reporter={"name": "邻居", "phone": "13800000000"},
        )
        spoken = at(29, "20:22")
        self.gives(spoken, "handler-u04", "open_contact", told["confidential"], **OPENED)
        self.gives(spoken, "handler-u04", "respond", told["confidential"], **a_call(spoken))
        told["taken apart"] = self._told_apart()
        self._void_of_the_frozen_month()

    def _told_apart(self) -> str:
        """A duplicate that was none: merged, and taken out again."""
        there = self.middle(OTHER_GRID)
        first = self.dispatched(at(30, "09:00"), "护理床坏了", location=there)
        second = self.raised(at(30, "09:30"), "床坏了", location=there)
        self.gives(at(30, "09:36"), "intake-cp01", "classify", second, category=HELP)
        self.gives(at(30, "09:40"), "dispatcher-cp01", "merge", second, into=first)
        self.gives(at(30, "14:00"), "dispatcher-cp01", "unmerge", second, reason="不是同一户")
        return second

    def _void_of_the_frozen_month(self) -> None:
        """What becomes known of September once it is frozen stands beside its figures."""
        number = self.told["late void"]
        for account, clock in (("city", "10:00"), ("supervisor", "11:00")):
            body = {"reason": "fabricated", "basis": "复核无此事"}
            self.gives(at(30, clock), account, "void", number, **body)

    def a_year_is_published(self) -> None:
        """The long extension had reached into a year whose days nobody knew."""
        off = calendars.Span(SPRING, SPRING + timedelta(days=4), calendars.HOLIDAY)
        year = CalendarYear(code="2027", name="2027", days=tuple(off.days()))
        self.changed(at(2, "10:00", 11), calendars.Publish(year))

    def noon(self) -> None:
        """A shift's note is signed, and received by who comes."""
        id, when = self._signed("intake-cp01", at(5, "12:00", 11))
        self.told["handover received"] = str(id)
        self.tracker.give(
            Receive(note="少一份纸质工单"),
            id,
            actor=self.actor("dispatcher-cp01"),
            at=when + timedelta(minutes=10),
        )
        self.summons_of_the_afternoon()

    def _signed(self, account: str, when: datetime) -> tuple[UUID, datetime]:
        self.passes(when)
        asked = Sign(began_at=when - timedelta(hours=4), note="断水那户盯紧,施工方明早到")
        done = self.tracker.open(asked, actor=self.actor(account), at=when)
        return done.aggregate.id, when

    def summons_of_the_afternoon(self) -> None:
        """Two units are called: one is there in time, the other is missing at the city's desk."""
        when, tracker = at(5, "14:00", 11), self.tracker
        where = self.middle()
        called = Summon(
            units=("U08", "U21"),
            meet_at=when + timedelta(minutes=30),
            minutes=30,
            reason="断水户入户会商,请带钥匙",
            address="银河社区 3 栋",
            location=where,
            whistle=self.told["parent"],
        )
        record = tracker.open(called, actor=self.actor("dispatcher-cp01"), at=when).aggregate
        self.told["summons"] = record.number
        called = Summon(
            units=("U01", "U05"),
            meet_at=when + timedelta(hours=1),
            minutes=20,
            reason="占道经营联合检查",
            address="群乐市场东门",
        )
        other = tracker.open(called, actor=self.actor("dispatcher-cp02"), at=when).aggregate
        self.told["cancelled summons"] = other.number
        commander, soon = self.actor("commander-cp02"), when + timedelta(minutes=20)
        tracker.give(Cancel(reason="下雨,改期"), other.number, actor=commander, at=soon)
        arrived = when + timedelta(minutes=25)
        handler = self.actor("handler-u08")
        here = Arrive(lat=where.lat, lon=where.lon)
        tracker.give(here, record.number, actor=handler, at=arrived)

    def last_hours(self) -> None:
        """What still waits on the desks in the evening."""
        told, on = self.told, {"month": 11}
        nowhere = Address("天马路与人民中路交叉口")
        told["raised"] = self.raised(at(5, "16:46", **on), "花箱倒在路边", location=nowhere)
        told["triaged"] = self.raised(at(5, "16:47", **on), "老人一个人在家摔了")
        self.gives(at(5, "16:48", **on), "intake-cp01", "classify", told["triaged"], category=HELP)
        told["pooled"] = self.raised(at(5, "16:48", **on), "想请人陪老人去医院")
        self.gives(at(5, "16:49", **on), "intake-cp01", "classify", told["pooled"], category=HELP)
        self.gives(at(5, "16:50", **on), "dispatcher-cp01", "pool", told["pooled"])
        told["dispatched"] = self.dispatched(at(5, "16:48", **on), "低保怎么办", "U08")
        told["returned"] = self.dispatched(at(5, "16:40", **on), "路灯不亮", "U05", category=LAMP)
        back = {"reason": "not_our_duty", "basis": "职责清单第三条", "suggested_unit": "U01"}
        self.gives(at(5, "16:53", **on), "liaison-u05", "return_", told["returned"], **back)
        told["emergency"] = self.raised(at(5, "16:35", **on), "电线垂到路上冒火花", category=CABLE)
        self.gives(
            at(5, "16:50", **on), "handler-u24", "respond", told["emergency"], **self.an_arrival()
        )
        self.now = at(5, "16:41", **on)
        worker = self.actor(f"gw-{GRID}")
        told["self-resolved"] = self.raised(
            at(5, "16:42", **on), "单元门口一袋垃圾", worker, category=LITTER
        )
        self.tracker.give(
            SelfResolve(before=(self.photo(),), after=(self.photo(48),), note="随手清理完毕"),
            told["self-resolved"],
            actor=worker,
            at=at(5, "16:44", **on),
        )
        waiting, _ = self._signed("dispatcher-cp01", at(5, "16:57", 11))
        told["handover signed"] = str(waiting)

    def beside_the_log(self) -> None:
        """A session, a key, an erasure, a photo that no whistle took, a replay."""
        open_session(self.connection, "dispatcher-cp01", at(5, "13:30", 11))
        keep(self.tracker, jpeg(32, 32), Person(self.actor("handler-u08")), None)
        key = IdempotencyRecord("liaison-u08", "a-key-of-november", "0" * 64)
        self.tracker.give(
            Acknowledge(),
            self.told["dispatched"],
            actor=self.actor("liaison-u08"),
            at=END,
            once=key,
        )
        [(text,)] = self.connection.execute(TEXT_OF, [self.told["second child"]]).fetchall()
        erase(self.connection, text, "admin", END)
        self.projected()
        moments = LogMoments(self.connection)
        question = ask_question(
            self.tracker.city, moments, END, scope="city", from_="2026-09-01", to="2026-10-01"
        )
        general = {"code": "G4", "resolve": {"value": 2, "unit": "working_days"}}
        given = {"name": "两天办结", "sla_classes": [general]}
        asked = what_ifs.ask(
            self.tracker,
            self.connection,
            question,
            given,
            by="leader",
            now=END,
            newest=moments.newest(),
        )
        what_ifs.work(self.connection)
        self.told["what-if"] = str(asked.id)


TEXT_OF = "SELECT text_id FROM board WHERE number = %s"
