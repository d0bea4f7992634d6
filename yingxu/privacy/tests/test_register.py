"""Whom personal data goes to (P8, P17): nothing leaves to somebody who is not in the register, or across the border unweighed."""

from datetime import timedelta

import pytest
from django.db import transaction

from yingxu.base import clock, outlets
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.matters.models import Entry
from yingxu.notices import actions as notices
from yingxu.notices import queries as outgoing
from yingxu.notices.models import Robot
from yingxu.privacy import actions, queries
from yingxu.privacy.models import Handover, Purpose

from .register import party
from .test_assessments import approved

pytestmark = pytest.mark.django_db
SMS = {"provider": "aliyun", "key_id": "AK", "secret": "geheim", "sign_name": "应需", "app_id": "", "region": ""}


def add(world, **more):
    given = {"name": "云信短信有限公司", "role": "processor", "purposes": [Purpose.objects.get(code="service")], "fields": ["contact", "words"], "contract": "HT-2026-018"}
    return actions.add_recipient(by=world.by("苏慕青"), **(given | more))


def test_a_processor_needs_its_contract_and_an_assessment(today):
    su, bare = today.by("苏慕青"), add(today, contract="")
    with pytest.raises(WrongMoment, match="合同"):
        actions.switch_recipient(bare, by=su, active=True)
    weighed = approved(today, kind="recipient")
    more = {"name": bare.name, "role": "processor", "purposes": bare.purposes.all(), "fields": bare.fields, "contract": "HT-2026-018"}
    changed = actions.edit_recipient(bare, by=su, **more)
    with pytest.raises(WrongMoment, match="影响评估"):
        actions.switch_recipient(changed, by=su, active=True)
    changed = actions.edit_recipient(changed, by=su, assessment=weighed, **more)
    assert actions.switch_recipient(changed, by=su, active=True).active
    assert not actions.edit_recipient(changed, by=su, assessment=None, **more).active, "what is no longer in order gets nothing"


def test_nothing_crosses_the_border_without_an_assessment_of_just_that(today):
    su = today.by("苏慕青")
    abroad = add(today, name="Messages Pte.", region="sg", assessment=approved(today, kind="recipient"))
    with pytest.raises(WrongMoment, match="境外"):
        actions.switch_recipient(abroad, by=su, active=True)
    weighed = approved(today, kind="abroad")
    given = {"name": abroad.name, "role": "processor", "region": "SG", "purposes": abroad.purposes.all(), "fields": abroad.fields, "contract": "HT-1"}
    abroad = actions.switch_recipient(actions.edit_recipient(abroad, by=su, assessment=weighed, **given), by=su, active=True)
    with transaction.atomic():
        outlets.hand("sms", f"{abroad.pk}:{abroad.purposes.get().pk}", by=SYSTEM)
    assert outlets.why_not("sms") == ""
    actions.revoke_assessment(weighed, by=today.by("秦望舒"), reason="合同条款变了")
    assert weighed.matter.number in outlets.why_not("sms"), "taken back it stops at once"


def test_a_contract_that_ended_ends_the_flow(today):
    name = party("本公司数据仓库")
    with transaction.atomic():
        outlets.hand("robot:1", name, by=SYSTEM)
    found = queries.recipient(int(name.split(":")[0]))
    found.until = clock.today()
    found.save()
    assert outlets.why_not("robot:1") == ""
    with clock.at(clock.now() + timedelta(days=2)):
        assert "到期" in outlets.why_not("robot:1")


def test_sms_and_robots_open_only_to_somebody_named(today, settings):
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    with pytest.raises(Invalid) as refused:
        notices.set_sms(by=SYSTEM, **SMS)
    assert "party" in refused.value.fields
    notices.set_sms(by=SYSTEM, party=party(), **SMS)
    robot = notices.add_robot(by=SYSTEM, name="群", channel="wecom", url="http://127.0.0.1:8999/send?key=k")
    assert not robot.on
    with pytest.raises(WrongMoment):
        notices.switch_robot(robot, by=SYSTEM, on=True)
    with transaction.atomic():
        outlets.hand(f"robot:{robot.pk}", party(), by=SYSTEM)
    assert notices.switch_robot(robot, by=SYSTEM, on=True).on and Robot.objects.get().on
    with transaction.atomic():
        row = notices.send(channel="sms", to="13900004244", key="k", template="customer_update", params={"number": "1", "words": "好"})
    assert outgoing.why_it_stays(row) is None
    Handover.objects.update(ended_at=clock.now())
    stays = outgoing.why_it_stays(row)
    assert stays is not None and stays.hold, "asked again when it leaves"
    assert queries.open_ways_to_nobody() == ["短信服务商 · 阿里云", "群机器人 · 群"]


def test_who_may_and_what_is_stated(today):
    with pytest.raises(NotAllowed):
        actions.add_recipient(by=today.by("沈岚"), name="x", role="own", purposes=[], fields=[])
    for wrong, field in (({"fields": []}, "fields"), ({"purposes": []}, "purposes"), ({"region": "China"}, "region"), ({"role": "x"}, "role"), ({"name": " "}, "name")):
        with pytest.raises(Invalid) as refused:
            add(today, **wrong)
        assert field in refused.value.fields
    add(today)
    with pytest.raises(Invalid) as refused:
        add(today, name="云信短信有限公司")
    assert "name" in refused.value.fields
    assert Entry.objects.filter(event="privacy.recipient_said").count() == 1
