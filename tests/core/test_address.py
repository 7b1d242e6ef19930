import pytest
from django.test import RequestFactory

from portal.core.address import client_address


def address_of(proxies: int, settings: object, *, remote: str = "10.0.0.9", forwarded: str = "") -> str | None:
    settings.PROXY_COUNT = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "10.0.0.9"),
        (0, "6.6.6.6", "10.0.0.9"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 7.7.7.7, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.8", "1.2.3.4"),
        (1, "", "10.0.0.9"),
        (2, "1.2.3.4", "1.2.3.4"),
        (1, "<script>", None),
    ],
)
def test_only_our_own_proxies_are_believed(proxies: int, forwarded: str, address: str | None, settings: object) -> None:
    assert address_of(proxies, settings, forwarded=forwarded) == address


def test_a_unix_socket_has_no_address(settings: object) -> None:
    assert address_of(0, settings, remote="") is None


def test_an_ipv4_client_of_an_ipv6_server_is_an_ipv4_client(settings: object) -> None:
    assert address_of(0, settings, remote="::ffff:1.2.3.4") == "1.2.3.4"
