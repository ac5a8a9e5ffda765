"""Shops and 1C on one box: connected by a command, samples to deals, all of it by the terminal."""

import base64
import json

import pytest
from tests.onebox.serving import kartoteka, served, until

pytestmark = pytest.mark.e2e

OLGA = "olga@office.example"
SENT = {
    "commerceml": "order_new",
    "insales": "created",
    "opencart": "created",
    "woocommerce": "created",
}
NUMBERS = {"insales": "2107", "opencart": "318", "woocommerce": "1042"}


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    data = tmp_path_factory.mktemp("box") / "office"
    with served(data, "--no-page", "--clock", "2026-11-23T12:00") as found:
        yield found


@pytest.fixture(scope="module")
def connected(box):
    """The address of every shop, as `account.add` told it."""
    return {channel: connect(box, channel) for channel in SENT}


def connect(box, channel):
    return did(box, "account.add", channel=channel, title=f"Магазин {channel}")


def did(box, command, **given):
    told = kartoteka(
        "do", command, "--as", OLGA, "--json", json.dumps(given), "--data", str(box.data)
    )
    return json.loads(told)


@pytest.mark.parametrize("channel", sorted(SENT))
def test_sample_of_a_shop_becomes_a_deal(box, connected, channel):
    until(lambda: box.web.get(connected[channel]["path"]).status_code == 200)

    assert box.cli("send", channel, SENT[channel])["status"] == 200

    number = NUMBERS.get(channel, "7f1c0c52")
    until(lambda: [deal for deal in box.cli("list", "deals") if number in deal["name"]])


def test_1c_exchanges_with_the_running_box_and_the_office_sees_it(box, connected):
    path, secret = connected["commerceml"]["path"], connected["commerceml"]["secret"]
    proof = base64.b64encode(f"1c:{secret}".encode()).decode()
    until(lambda: box.web.get(path).status_code == 200)
    entered = box.web.get(
        path, params={"mode": "checkauth"}, headers={"authorization": f"Basic {proof}"}
    )
    verdict, name, value = entered.text.split()
    cookie = {"cookie": f"{name}={value}"}
    goods = (
        "<КоммерческаяИнформация><Каталог><Товары><Товар><Ид>g1</Ид>"
        "<Наименование>Чайник</Наименование></Товар></Товары></Каталог></КоммерческаяИнформация>"
    ).encode()
    steps = [("init", None), ("file", goods), ("import", None)]
    heard = [
        box.web.request(
            "POST" if body else "GET",
            path,
            params={"type": "catalog", "mode": mode, "filename": "import.xml"},
            content=body,
            headers=cookie,
        ).text.split()[0]
        for mode, body in steps
    ]

    assert (verdict, heard) == ("success", ["zip=yes", "success", "success"])
    listed = did(box, "exchange.list")["exchanges"]
    of_goods = [(it["created"], it["state"]) for it in listed if it["what"] == "catalogue"]
    assert of_goods == [(1, "done")]
