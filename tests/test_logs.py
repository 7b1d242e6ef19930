"""Logs that can be handed to an engineer: with request ids, without personal data."""

import io
import json
import logging
import logging.config

import pytest
import structlog
from django.test import RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from portal.core.logs import SCRUBBED, RequestLogMiddleware, logging_config, scrub

MOBILES = [
    "13812341234",
    "+86 138 1234 1234",
    "138-1234-1234",
    "１３８１２３４１２３４",
    "008613812341234",
    "8613812341234",
]
ID_NUMBERS = ["440113195003072413", "44011319500307241X", "44011319500307241x", "440113 19500307 2413"]


@pytest.fixture
def written():
    """What a process with the settings' logging writes; the suite's own logging stands again afterwards."""
    config = logging_config("DEBUG", as_json=True)
    stream = io.StringIO()
    config["handlers"]["stderr"]["stream"] = stream
    before = logging.root.handlers[:], logging.root.level
    logging.config.dictConfig(config)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.root.handlers[:], logging.root.level = before


@pytest.mark.parametrize("number", MOBILES + ID_NUMBERS)
@pytest.mark.parametrize("around", ["{}", "电话{}，谢谢", "tel={}&x=1", "({})", "陈丽芳{}三楼"])
def test_numbers_of_people_are_taken_out_of_any_text(number, around):
    assert scrub(around.format(number)) == around.format(SCRUBBED)


@pytest.mark.parametrize(
    "text",
    ["2026-11-22T06:23:01.123456Z", "1700000000.123456", "440113005001001", "12345678901", "0.13812341", "楼道堆物 3"],
)
def test_other_numbers_stay(text):
    assert scrub(text) == text


def test_request_ids_stay_whole():
    request_id = "d1381234-1234-4abc-8def-13912345678a"

    assert scrub(request_id) == request_id


def test_however_deep_and_whatever_type():
    assert scrub({"a": [{"b": ("13812341234", 13812341234)}], "n": 3, "ok": True, "none": None}) == {
        "a": [{"b": [SCRUBBED, SCRUBBED]}],
        "n": 3,
        "ok": True,
        "none": None,
    }


@pytest.mark.parametrize("key", ["password", "new_password", "csrfmiddlewaretoken", "mobile", "id_number", "Cookie"])
def test_what_is_called_a_secret_is_one(key):
    assert scrub({key: "anything"}) == {key: SCRUBBED}


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(alphabet="陈丽芳 ，。:=/\n", max_size=5))
def test_no_mobile_number_survives(number, text):
    assert number not in scrub(f"{text}{number}{text}")


def test_every_way_into_the_log_is_scrubbed(written):
    structlog.get_logger("portal.x").info("called 13812341234", caller={"phone": "1", "note": "13812341234"})
    logging.getLogger("some.library").warning("row %s", "44011319500307241X", extra={"number": "13812341234"})
    try:
        raise ValueError("13812341234")
    except ValueError:
        logging.getLogger("some.library").exception("failed")

    lines = written()

    assert [line["event"] for line in lines] == [f"called {SCRUBBED}", f"row {SCRUBBED}", "failed"]
    assert lines[0]["caller"] == {"phone": SCRUBBED, "note": SCRUBBED}
    assert lines[1]["number"] == SCRUBBED
    assert f"ValueError: {SCRUBBED}" in lines[2]["exception"]
    assert "13812341234" not in json.dumps(lines)


def test_a_request_in_a_log_record_loses_its_query(written):
    request = RequestFactory().get("/incidents/", {"q": "陈丽芳"})
    logging.getLogger("django.request").error("Internal Server Error: %s", request.path, extra={"request": request})

    assert written()[0]["request"] == "GET /incidents/"


def test_statements_are_never_logged(written):
    logging.getLogger("django.db.backends").debug("SELECT '陈丽芳'")

    assert written() == []


def test_a_request_is_one_line_with_an_id_and_without_its_query(client, written):
    client.get(reverse("livez"), {"q": "陈丽芳", "mobile": "13812341234"})

    lines = [line for line in written() if line["event"].startswith("request_")]
    finished = lines[-1]
    assert finished["event"] == "request_finished"
    assert finished["request"] == "GET /livez"
    assert finished["code"] == 200
    assert len(finished["request_id"]) == 36
    assert {line["request"] for line in lines} == {"GET /livez"}


def test_the_address_is_taken_from_our_own_proxies_only(written):
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": "6.6.6.6"})

    with structlog.contextvars.bound_contextvars():
        RequestLogMiddleware.bind_ip(request)
        assert structlog.contextvars.get_contextvars()["ip"] == "10.0.0.9"
        structlog.contextvars.clear_contextvars()
