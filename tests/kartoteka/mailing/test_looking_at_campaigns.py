"""A campaign is looked at before it goes: by those who may see less, in chats, by oneself."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes import FakeTasks
from tests.kartoteka.mailing.mailing_office import (
    ANNA,
    OLGA,
    SMS,
    FakeSenders,
    outlet,
    person,
    prepared,
    recipients,
    run,
    started,
    states,
)
from tests.kartoteka.services.chat_office import FakeMessengers

from automation.chat_rules import SendLetter, ShowMessage
from automation.rules import decide
from kartoteka.domain.change import Change
from kartoteka.domain.chat import Chat
from kartoteka.domain.chat_line import WindowTemplate
from kartoteka.domain.errors import ConfigError, Invalid, NotAllowed
from kartoteka.domain.ids import ClientId
from kartoteka.domain.mail_merge import fill
from kartoteka.domain.model import Activity
from kartoteka.domain.office import Account
from kartoteka.domain.template import Template
from kartoteka.ports import Query
from kartoteka.services import campaign_looking, campaigns
from kartoteka.services.campaign_forms import (
    ChangeCampaign,
    CreateCampaign,
    ListCampaigns,
    OneCampaign,
    PreviewCampaign,
    StartCampaign,
)
from kartoteka.services.campaign_report import report
from kartoteka.services.chat_sending import deliver
from kartoteka.services.mailing_values import values_for
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.postings import CAUSE

MARKETING = OLGA.model_copy(update={"id": "st_mark", "role": "marketing"})


@pytest.fixture
def senders() -> FakeSenders:
    return FakeSenders()


def chat(desk: Desk, client: str, **fields: object) -> str:
    name = f"ct_{client}"
    given = {
        "id": name,
        "channel": "telegram",
        "account": "tg",
        "peer": "5",
        "client_id": ClientId(client),
        "heard_at": desk.now(),
        "created_at": desk.now(),
        "updated_at": desk.now(),
    }
    doc = Chat.model_validate(given | fields).model_dump(mode="json")
    desk.store.run(lambda tx: tx.put(Chat.collection, name, doc))
    return name


def preview(desk: Desk, name: str, actor=OLGA) -> list[campaign_looking.Sample]:
    form = PreviewCampaign(campaign=name, count=5)
    return list(campaign_looking.preview(desk, actor, form, "x").samples)


def test_preview_shows_each_text_and_who_is_left_out_and_why(desk: Desk) -> None:
    ids = [person(desk, "c0").id, person(desk, "c1", agrees=False).id]
    shown = preview(desk, prepared(desk, ids, html="<p>{{имя}}</p>"))

    assert [(it.client_id, it.address, it.held) for it in shown] == [
        ("cl_c0", "c0@mail.example", ""),
        ("cl_c1", "", "no_consent"),
    ]
    assert shown[0].text.startswith("Здравствуйте, c0!")
    assert shown[0].html.startswith("<p>c0</p>")
    assert recipients(desk) == []


def test_preview_shows_where_a_reader_would_unsubscribe(desk: Desk) -> None:
    name = prepared(desk, [person(desk, "c0").id])
    [shown] = preview(replace(desk, intake_url="https://in.example/"), name)

    assert "https://in.example/ingest/u/test" in shown.text


def test_who_sees_no_names_and_addresses_previews_none(desk: Desk) -> None:
    person(desk, "c0", company="Ромашка")
    name = prepared(desk, ["cl_c0"], text="{{имя}} {{компания}} {{офис}}")
    told = str(preview(desk, name, MARKETING))

    assert "[имя] [компания]" in told
    assert all(word not in told for word in ("c0@", "c0 ", "Ромашка"))


def test_given_name_is_found_before_a_patronymic(desk: Desk) -> None:
    settings = desk.settings()
    client = person(desk, "c0", name="Иванова Анна Петровна")
    values = values_for(client, settings)

    assert values["имя"] == "Анна"
    assert values["manager"] == settings.person("st_anna").name
    assert fill(("", "{{клиент}}", ""), values).text == "Иванова Анна Петровна"


def test_trial_goes_to_oneself_only_and_counts_nobody(
    desk: Desk, senders: FakeSenders, tasks: FakeTasks
) -> None:
    person(desk, "c0")
    name = prepared(desk, ["cl_c0"])
    asked = campaign_looking.ask_test(desk, OLGA, OneCampaign(campaign=name), "x")
    task = tasks.queued[-1]
    done = campaign_looking.send_test(desk, outlet(senders), name, str(task.payload["staff"]))
    senders.fails.append(ConfigError("no key"))
    refused = campaign_looking.send_test(desk, outlet(senders), name, "st_olga")

    assert (task.path, done, refused) == ("/automation/task/campaign_test", "sent", "refused")
    assert senders.reached == [asked.to] == [desk.settings().person("st_olga").email]
    assert recipients(desk) == []


def test_trial_of_a_message_for_chats_is_refused(desk: Desk) -> None:
    person(desk, "c0")
    name = prepared(desk, ["cl_c0"], medium="chat", subject="")
    with pytest.raises(Invalid):
        campaign_looking.ask_test(desk, OLGA, OneCampaign(campaign=name), "x")


def test_message_goes_into_the_clients_own_chat_and_not_into_the_teams_room(
    desk: Desk, senders: FakeSenders
) -> None:
    ids = [person(desk, f"c{number}").id for number in range(4)]
    chat(desk, ids[0])
    chat(desk, ids[1], waiting_since=desk.now())
    chat(desk, ids[2], channel="whatsapp", heard_at=desk.now() - timedelta(hours=25))
    name = started(desk, ids, medium="chat", subject="")
    run(desk, senders, name)

    assert states(desk) == [
        ("sent", ""),
        ("skipped", "chat_waits"),
        ("skipped", "chat_window"),
        ("skipped", "no_address"),
    ]
    assert senders.sent == []
    changes = [Change.model_validate(it.doc) for it in desk.store.read_log("changes", None, 1_000)]
    plans = [
        plan
        for change in changes
        if change.cause.startswith(CAUSE)
        for plan in decide(change, desk.settings())
    ]
    assert [type(plan) for plan in plans if isinstance(plan, SendLetter | ShowMessage)] == [
        SendLetter
    ]


def test_draft_is_changed_in_parts_and_judged_whole_until_it_is_started(
    desk: Desk, senders: FakeSenders
) -> None:
    ids = [person(desk, f"c{number}").id for number in range(2)]
    name = prepared(desk, ids[:1])

    def change(**given: object) -> None:
        form = ChangeCampaign.model_validate({"campaign": name, **given})
        campaigns.change(desk, OLGA, form, "x")

    change(subject="Весна", clients=ids[1:])
    change(name="Лето")
    with pytest.raises(Invalid):
        change(text="{{нет такого}}")
    with pytest.raises(NotAllowed):
        campaigns.change(desk, ANNA, ChangeCampaign(campaign=name, name="Осень"), "x")
    campaigns.start(desk, OLGA, StartCampaign(campaign=name), "x")
    with pytest.raises(Invalid) as late:
        change(subject="Поздно")
    run(desk, senders, name)

    assert late.value.code == "campaign_runs"
    assert [(it.to, it.subject) for it in senders.sent] == [("c1@mail.example", "Весна")]
    assert senders.sent[0].text.startswith("Здравствуйте, c1!")
    assert campaigns.listed(desk, OLGA, ListCampaigns(), "x").campaigns[0].name == "Лето"


def test_whoever_was_silent_for_a_day_gets_it_in_the_template_of_the_account(
    desk: Desk, senders: FakeSenders
) -> None:
    ids = [person(desk, f"c{number}").id for number in range(2)]
    given = {
        "channel": "whatsapp",
        "title": "WhatsApp",
        "source": "WhatsApp",
        "api": {"token": "T"},
    }
    ready = Account.model_validate(
        {**given, "id": "wa", "template": WindowTemplate(name="answer_ready")}
    )
    bare = Account.model_validate({**given, "id": "wb"})
    for account, client in zip((ready, bare), ids, strict=True):
        doc = account.model_dump(mode="json")
        desk.store.run(lambda tx, at=account.id, doc=doc: tx.put("accounts", at, doc))
        silent = desk.now() - timedelta(hours=25)
        chat(desk, client, channel="whatsapp", account=account.id, heard_at=silent)
    assert isinstance(desk.settings, SettingsCache)
    desk.settings.forget()
    run(desk, senders, started(desk, ids, medium="chat", subject=""))
    found = (Activity.model_validate(hit.doc) for hit in desk.store.query(Query("activities")))
    [waiting] = [it for it in found if it.message is not None]
    messengers = FakeMessengers()
    deliver(desk, messengers, waiting.id)

    assert states(desk) == [("sent", ""), ("skipped", "chat_window")]
    assert [it.template for it in messengers.letters] == [("answer_ready", "ru")]


def test_report_follows_messages_in_chats_as_far_as_they_got(
    desk: Desk, senders: FakeSenders
) -> None:
    ids = [person(desk, f"c{number}").id for number in range(3)]
    for client in ids:
        chat(desk, client)
    name = started(desk, ids, medium="chat", subject="")
    run(desk, senders, name)
    for client, state in zip(ids, ("read", "failed", "unsure"), strict=True):
        sending = Chat.model_validate(desk.store.get("chats", f"ct_{client}")).sending
        doc = desk.store.get(Activity.collection, sending[0])
        message = {**doc["message"], "state": state}
        desk.store.run(
            lambda tx, name=sending[0], doc=doc, message=message: tx.put(
                Activity.collection, name, {**doc, "message": message}
            )
        )
    told = report(desk, OLGA, OneCampaign(campaign=name), "x")

    assert (told.sent, told.delivered, told.opened) == (1, 1, 1)
    assert (told.failed, told.unknown) == (1, 1)


def test_template_of_the_office_is_taken_as_it_is_then(desk: Desk, senders: FakeSenders) -> None:
    person(desk, "c0", phones=("+74951234567",))
    words = Template(id="t_sms", name="SMS", medium="sms", body="{{имя}}, ждём вас")
    docs = {("templates", "t_sms"): words, ("accounts", SMS.id): SMS}
    for place, record in docs.items():
        doc = record.model_dump(mode="json")
        desk.store.run(lambda tx, place=place, doc=doc: tx.put(*place, doc))
    desk.settings.forget()
    given = {"name": "x", "clients": ("cl_c0",), "template": "t_sms", "sender": SMS.id}
    name = campaigns.create(desk, OLGA, CreateCampaign.model_validate(given), "x").id
    changed = words.model_copy(update={"body": "другое"}).model_dump(mode="json")
    desk.store.run(lambda tx: tx.put("templates", "t_sms", changed))
    campaigns.start(desk, OLGA, campaigns.StartCampaign(campaign=name), "x")
    run(desk, senders, name)

    assert [(it.to, it.text) for it in senders.sent] == [("+74951234567", "c0, ждём вас")]


def test_campaigns_are_listed_newest_first_without_their_secret(desk: Desk) -> None:
    person(desk, "c0")
    for name in ("a", "b"):
        prepared(desk, ["cl_c0"], name=name)
        desk.clock.advance(timedelta(seconds=1))
    found = campaigns.listed(desk, OLGA, ListCampaigns(), "x").campaigns

    assert [it.name for it in found] == ["b", "a"]
    assert "secret" not in str(found[0].model_dump())
