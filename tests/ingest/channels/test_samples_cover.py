"""There is a sample of every event that a provider documents, and what it means beside it."""

from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from tests.ingest.channels.samples import SHELF, samples

from kartoteka.domain.channels import CHANNEL_NAMES

FEWEST = 4  # of a provider, besides what nobody knows
DOCUMENTED = {
    "avito": "text image system item call link location deleted appCall file video voice u2i a2u",
    "beeline": "CallOriginatedEvent CallReceivedEvent CallAnsweredEvent CallReleasedEvent",
    "cloudpayments": "check pay fail confirm refund cancel receipt Authorized Completed",
    "mango": "events/call events/summary events/recording events/dtmf events/sms"
    " events/record/added result/ Appeared Connected Disconnected Started Completed",
    "max": "message_created message_edited message_removed message_callback bot_started"
    " bot_stopped bot_added dialog chat",
    "megafon": "cmd=event cmd=history cmd=contact cmd=rating INCOMING ACCEPTED CANCELLED OUTGOING"
    " TRANSFERRED Success missed",
    "messenger": "page instagram is_echo attachments delivery read postback",
    "robokassa": "OutSum InvId Fee Shp_ IsTest",
    "sipuni": "event=1 event=2 event=3 event=4 fromnum ANSWER NOANSWER",
    "smsaero": "status=1 status=2 status=8",
    "smsru": "sms_status callcheck_status data[0] data[1] 103",
    "stripe": "checkout.session.completed payment_intent.succeeded charge.refunded invoice.paid",
    "tbank": "AUTHORIZED CONFIRMED REJECTED REVERSED PARTIAL_REVERSED REFUNDED PARTIAL_REFUNDED"
    " RECEIPT LINKACCOUNT",
    "telegram": "business_message deleted_business_messages message edited_message"
    " channel_post callback_query my_chat_member photo voice"
    " video sticker document contact location media_group_id /start",
    "telphin": "dial-in dial-out answer hangup message-in voicemail call_interactive ANSWER"
    " NOANSWER CANCEL Transfered",
    "tilda": "test=test tranid formid COOKIES payment",
    "twilio": "ringing in-progress completed no-answer RecordingUrl Body",
    "typeform": "form_response phone_number email choice choices file_url hidden",
    "unisender": "delivered opened unsubscribed",
    "viber": "message conversation_started subscribed unsubscribed delivered seen failed webhook"
    " client_status picture video file contact location sticker",
    "vk": "message_new message_reply message_edit message_allow message_deny lead_forms_new"
    " group_join",
    "whatsapp": "from_user_id nfm_reply order unsupported text image document location"
    " button interactive context sent delivered failed",
    "woocommerce": "order.created order.updated order.deleted",
    "yookassa": "payment.waiting_for_capture payment.succeeded payment.canceled refund.succeeded"
    " payout.succeeded deal.closed",
    "zadarma": "NOTIFY_START NOTIFY_INTERNAL NOTIFY_ANSWER NOTIFY_END NOTIFY_OUT_START"
    " NOTIFY_OUT_END NOTIFY_RECORD NOTIFY_IVR answered no+answer no+money",
}


def told(channel: str) -> str:
    """Return all that the samples of a channel say, headers too, but what nobody knows."""
    found = []
    for name, path in samples():
        if name == channel and path.stem != "unknown":
            beside = path.with_name(f"{path.stem}.headers.json")
            headers = beside.read_text("utf-8") if beside.exists() else ""
            text = path.read_text("utf-8")
            found += [text, unquote_plus(text), headers]
    return "\n".join(found)


@pytest.mark.parametrize(("channel", "words"), DOCUMENTED.items(), ids=list(DOCUMENTED))
def test_every_documented_event_has_a_sample(channel: str, words: str) -> None:
    said = told(channel)

    assert [word for word in words.split() if word not in said] == []


@pytest.mark.parametrize("channel", CHANNEL_NAMES)
def test_channel_has_samples_enough_and_one_of_what_nobody_knows(channel: str) -> None:
    stems = {path.stem for name, path in samples() if name == channel}

    assert "unknown" in stems, f"{channel}: put a body that nobody understands into unknown.*"
    few = f"{channel} has {sorted(stems)}: {FEWEST} kinds of event are wanted besides `unknown`"
    assert len(stems) > FEWEST, few


@pytest.mark.parametrize("channel", CHANNEL_NAMES)
def test_every_meaning_lies_beside_a_sample(channel: str) -> None:
    meanings = {meaning(path) for path in (SHELF / channel).glob("*.expected.json")}

    found = {path.stem for name, path in samples() if name == channel}
    assert meanings == found, (
        f"`python -m tests.ingest.channels.samples {channel}` writes the meanings that lack;"
        " those of samples that are gone you delete"
    )


def meaning(path: Path) -> str:
    return path.name.removesuffix(".expected.json")
