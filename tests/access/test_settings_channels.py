"""Addresses of channels in the settings: connected, switched over, switched off."""

import pytest
from tests.access.test_custom_fields import do
from tests.access.test_settings_commands import OLGA, refused

from kartoteka.domain.channels import CHANNEL_NAMES, SECRET_ISSUED
from kartoteka.services.office import read_settings
from kartoteka.services.unit import LOG


def test_two_secrets_are_valid_while_the_channel_is_switched_over(desk):
    account = desk.settings().accounts[0]
    first = do(desk, OLGA, "account.rotate", account=account.id).secret
    second = do(desk, OLGA, "account.rotate", account=account.id).secret

    kept = next(it for it in read_settings(desk.store).accounts if it.id == account.id)
    log = str([entry.doc for entry in desk.store.read_log(LOG, None, 100)])
    assert kept.secrets == (second, first)
    assert account.secrets[0] not in kept.secrets
    assert not [secret for secret in (first, second) if secret in log]


def test_channel_is_connected_with_an_address_and_a_secret_told_once(desk):
    made = do(desk, OLGA, "account.add", channel="call", title="Вторая АТС", secret="key:salt")

    kept = desk.settings().account("call", made.id)
    log = str([entry.doc for entry in desk.store.read_log(LOG, None, 100)])
    assert made.path == f"/ingest/call/{made.id}"
    assert (kept.source, kept.secrets, made.secret) == ("Вторая АТС", ("key:salt",), "key:salt")
    assert "key:salt" not in log


def test_connected_channel_has_a_fresh_secret_when_none_is_given(desk):
    first, second = (do(desk, OLGA, "account.add", channel="call", title="АТС") for _ in range(2))

    assert len({first.secret, second.secret, first.id, second.id}) == 4
    assert min(len(first.secret), len(first.id)) > 20


@pytest.mark.parametrize("channel", ["kall", "form", ""])
def test_channel_that_is_not_there_is_refused_with_the_known(desk, channel):
    assert "telegram" in refused(desk, "account.add", channel=channel, title="x").facts["known"]


@pytest.mark.parametrize("channel", sorted(SECRET_ISSUED))
def test_channel_whose_provider_issues_the_secret_is_refused_without_it(desk, channel):
    wrong = refused(desk, "account.add", channel=channel, title="x")

    assert (wrong.code, wrong.fields) == ("secret_needed", {"secret": "required"})
    assert set(CHANNEL_NAMES) >= SECRET_ISSUED


@pytest.mark.parametrize("secret", ["key", "key:", ":salt", " : "])
def test_half_of_a_secret_in_two_parts_is_refused(desk, secret):
    wrong = refused(desk, "account.add", channel="mango", title="x", secret=secret)

    assert (wrong.code, wrong.fields) == ("secret_in_two", {"secret": "invalid"})


def test_secret_that_a_provider_issues_is_not_made_up_at_a_rotation(desk):
    made = do(desk, OLGA, "account.add", channel="stripe", title="x", secret="first")
    wrong = refused(desk, "account.rotate", account=made.id)
    do(desk, OLGA, "account.rotate", account=made.id, secret="second")
    both = desk.settings().account("stripe", made.id).secrets
    do(desk, OLGA, "account.rotate", account=made.id, secret="second")

    assert wrong.code == "secret_needed"
    assert both == ("second", "first")
    assert desk.settings().account("stripe", made.id).secrets == ("second",)


def test_connected_channel_belongs_to_a_person_who_works_here(desk):
    wrong = refused(desk, "account.add", channel="call", title="x", owner="st_nobody")

    assert wrong.code == "settings_unknown"


def test_secret_of_the_provider_replaces_ours(desk):
    account = desk.settings().accounts[0]
    do(desk, OLGA, "account.rotate", account=account.id, secret="theirs")

    kept = next(it for it in read_settings(desk.store).accounts if it.id == account.id)
    assert kept.secrets == ("theirs", account.secrets[0])
