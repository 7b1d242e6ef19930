"""Nothing about residents leaves in a mail, and nothing about readers stands where it need not."""

import re

import pytest
from django.core import mail
from structlog.testing import capture_logs

from grid.incidents import services as incidents
from portal.core import outbox
from portal.core.models import OutboxMessage
from portal.reminders.models import Delivery, Reminder
from portal.reminders.services import deliver_due
from tests.factories import incident

pytestmark = pytest.mark.django_db
CANARIES = ("13800138765", "尉迟金丝雀", "440113195001011234", "金丝雀路9号")


def test_what_is_mailed_of_an_incident_names_neither_caller_nor_number(
    places, li, zhang, wu, chen, reachable, settings, capfd
):
    settings.SITE_URL = "https://portal.example.cn"
    number, name, identity, street = CANARIES
    for one in (li, zhang, wu, chen):
        reachable(one, paces={"reports": "at_once"})
    called = {"source": "call", "caller_name": name, "caller_mobile": number, "reporter": li.user}
    words = {"description": f"{name}说{street}有人，身份证{identity}", "location": street}
    with capture_logs() as logs:
        made = incident(place=places.qishan, office=zhang.user, handler=wu.user, stage="in_progress", **called, **words)
        incidents.ask_return(made, actor=wu.user, reason=f"打{number}找{name}")
        payloads = list(OutboxMessage.objects.values_list("payload", flat=True))
        outbox.drain()
        assert deliver_due() >= 2

    told = list(Reminder.objects.values_list("text", "stage"))
    letters = [(message.subject, message.body, str(message.extra_headers)) for message in mail.outbox]
    everywhere = str([told, letters, payloads, logs, list(Delivery.objects.values())]) + capfd.readouterr().err
    assert [canary for canary in CANARIES if canary in everywhere] == []


def test_subjects_name_no_one_and_addresses_carry_only_numbers(places, li, chen, wu, reachable, settings):
    settings.SITE_URL = "https://portal.example.cn"
    reachable(chen, paces={"reports": "at_once"})
    incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched")
    outbox.drain()
    deliver_due()

    (message,) = mail.outbox
    for name in ("陈", "李敏", "吴", "岐山", "楼道"):
        assert name not in message.subject
    links = re.findall(r"https://\S+", message.body)
    assert links
    assert all(re.fullmatch(r"https://portal\.example\.cn/reminders/(\d+/|settings/)?", link) for link in links)
