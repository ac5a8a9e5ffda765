"""Which group each field of each record belongs to; a field of no group only an admin sees.

Paths go into nested values: `lines.price_minor`; `evidence.*` is any other key of `evidence`.
"""

from collections.abc import Mapping
from typing import TypeAlias

from kartoteka.domain.matrix import Group

_Table: TypeAlias = Mapping[str, Mapping[Group, str]]

_LINES: Mapping[Group, str] = {
    Group.GOODS: "lines.id lines.product_id lines.name lines.category lines.quantity_milli",
    Group.AMOUNT: "lines.price_minor lines.discount_bp",
    Group.COST: "lines.cost_minor",
}
_TABLE: _Table = {
    "lead": {
        **_LINES,
        Group.RECORD: "id client_id deal_id stage_version used_calls readers created_at updated_at",
        Group.NAME: "name",
        Group.FLOW: "pipeline stage state stage_entered_at tries owner_id priority repeat"
        " touched_at wrote_at next_action next_at wake_at wait_until reason region routed_by",
        Group.NOTES: "note extra",
        Group.SOURCE: "first_touch last_touch",
        Group.CUSTOM: "fields",
    },
    "client": {
        Group.RECORD: "id open_lead_id open_deal_ids company_id merged_into forgotten"
        " created_at updated_at",
        Group.NAME: "name company",
        Group.REACH: "phones emails messengers",
        Group.FLOW: "owner_id segment tags",
        Group.HISTORY: "last_touch has_files",
        Group.CUSTOM: "fields",
    },
    "company": {
        Group.RECORD: "id merged_into created_at updated_at",
        Group.NAME: "name",
        Group.REACH: "phones emails",
        Group.FLOW: "owner_id tags",
        Group.REQUISITES: "inn kpp",
        Group.CUSTOM: "fields",
    },
    "deal": {
        **_LINES,
        Group.AMOUNT: f"{_LINES[Group.AMOUNT]} amount_minor amount_by_hand currency",
        Group.COST: f"{_LINES[Group.COST]} cost_minor contractor_cost_minor",
        Group.RECORD: "id client_id company_id lead_id author_id stage_version used_calls"
        " last_call_id readers locked repeat_of created_at updated_at",
        Group.NAME: "name",
        Group.FLOW: "repeat_at repeats repeat_since"
        " pipeline stage state stage_entered_at stage_log owner_id participants"
        " visibility deal_type sign probability expected_close tags reason wake_at wait_until"
        " next_action next_at last_touch_at won_at contact_needed",
        Group.NOTES: "note reason_note",
        Group.PAPERS: "evidence.offer_file stage_papers",
        Group.INVOICES: "evidence.invoice evidence.payment invoice_due",
        Group.WORKS: "evidence.*",
        Group.CONTRACTOR: "contractor contractor_due",
        Group.PAID: "paid_minor payments receipts",
        Group.CUSTOM: "fields",
    },
    "activity": {
        Group.RECORD: "id client_id lead_id deal_id inbound_id",
        Group.HISTORY: "what direction staff_id at text call manual files message",
    },
    "chat": {
        Group.RECORD: "id client_id created_at updated_at",
        Group.REACH: "channel peer",
        Group.SECRETS: "account",
        Group.FLOW: "owner_id helpers state spell tried",
        Group.HISTORY: "waiting_since heard_at greeted_at sending unsure topic answer_id",
    },
    "task": {
        Group.RECORD: "id client_id lead_id deal_id parent_id series_id created_at updated_at",
        Group.REACH: "phone",
        Group.TASKS: "what title assignee_id due_at state result text priority setter_id watchers"
        " personal needs_review repeats series_at slot_at reminders comments done_at",
    },
    "notice": {
        Group.RECORD: "id lead_id deal_id task_id chat_id approval_id proposal_id",
        Group.TASKS: "staff_id code words at seen_at",
    },
    "telling_choice": {
        Group.RECORD: "id updated_at",
        Group.PEOPLE: "ways language bot",
        Group.SECRETS: "space",
    },
    "telling_post": {
        Group.RECORD: "id notice_id",
        Group.FLOW: "staff_id way state at message why",
    },
    "telling_pace": {Group.RECORD: "id", Group.FLOW: "hour count"},
    "digest_round": {Group.RECORD: "id at"},
    "link_tries": {Group.RECORD: "id", Group.FLOW: "count until"},
    "sla_case": {
        Group.RECORD: "id client_id lead_id deal_id activity_id",
        Group.FLOW: "what version staff_id since limit due_at state breached ended_at minutes",
    },
    "timer": {
        Group.RECORD: "id case_id lead_id deal_id task_id notice_id chat_id approval_id",
        Group.TASKS: "rule version due_at wait state queued",
    },
    "firing": {
        Group.RECORD: "id record_id client_id",
        Group.SETTINGS: "rule_id version cause about owner_id facts depth state why outcomes tries"
        " at due_at updated_at",
    },
    "hook_key": {Group.RECORD: "id", Group.SECRETS: "secret"},
    "mailing_key": {Group.RECORD: "id", Group.SECRETS: "secret"},
    "rule_pace": {Group.RECORD: "id", Group.SETTINGS: "moves"},
    "approval": {
        Group.RECORD: "id client_id deal_id lead_id",
        Group.FLOW: "command actor why judge_id asked state at due_at decided_by decided_at",
        Group.NOTES: "words reason",
        Group.AMOUNT: "given facts",
    },
    "paper": {  # an offer's are of the group of offers; see `access`
        Group.RECORD: "id what deal_id client_id company_id author_id created_at updated_at",
        Group.INVOICES: "year number label version subject payer lines total_minor currency due"
        " state paid_minor text sent_at opened_at link_until",
    },
    "paper_numbers": {Group.RECORD: "id last"},
    "paper_key": {Group.RECORD: "id", Group.SECRETS: "secret"},
    "file_key": {Group.RECORD: "id", Group.SECRETS: "secret"},
    "approval_key": {Group.RECORD: "id", Group.SECRETS: "secret"},
    "cross_offer": {
        Group.RECORD: "id row_id client_id deal_id product_id task_id accepted_deal_id",
        Group.FLOW: "state at accepted_at",
    },
    "generator": {
        Group.RECORD: "id batch_id clients waiting again",
        Group.FLOW: "actor title segment make pipeline deal_type owners per_day quiet_days state"
        " cursor day given made left at next_at done_at",
        Group.NOTES: "note",
    },
    "name_block": {Group.RECORD: "id clients"},
    "batch": {
        Group.RECORD: "id subject asked other",
        Group.FLOW: "what actor at state count done_at",
    },
    "edit": {Group.RECORD: "id batch_id", Group.FLOW: "actor total rows state at done_at"},
    "export": {Group.RECORD: "id", Group.FLOW: "actor what format only count state at done_at"},
    "import": {Group.RECORD: "id batch_id", Group.FLOW: "actor file rows totals state at done_at"},
    "dial_run": {
        Group.RECORD: "id segment_id portion cursor",
        Group.FLOW: "actor script state why sent skipped at done_at",
        Group.SECRETS: "url",
    },
    "segment_count": {Group.SETTINGS: "id at whole"},
    "segment_member": {Group.RECORD: "id client_id", Group.FLOW: "segment_id since"},
    "pair": {Group.RECORD: "id left right", Group.FLOW: "state at why"},
    "proposal": {
        Group.RECORD: "id client_id",
        Group.REACH: "field value",
        Group.FLOW: "by state at decided_at",
    },
    "product": {
        Group.CATALOGUE: "id sku name name_key category price_version vat_bp stock_milli"
        " stock_at active repeat_days external created_at updated_at",
        Group.AMOUNT: "price_minor",
        Group.COST: "cost_minor",
    },
    "plan": {Group.PLAN: "id month staff_id amount_minor updated_at updated_by"},
    "template": {
        Group.TEMPLATES: "id name medium subject body updated_at updated_by",
    },
    "overrides": {Group.FLOW: "id staff_id month count"},
    "staff": {
        Group.PEOPLE: "id name email role also team pair phones active takes_leads shift absent"
        " quota messengers updated_at updated_by",
    },
    "form": {
        Group.SETTINGS: "id title title_en fields consent consent_en consent_version source"
        " owner_id active updated_at updated_by lead lead_en send send_en thanks thanks_en failure"
        " failure_en redirect accent radius hosts mapping least_s captcha creates products"
        " create_invoice",
    },
    "account": {
        Group.SETTINGS: "channel title source owner_id active line shop site recordings mapping"
        " template updated_at updated_by",
        Group.SECRETS: "id secrets ignored api",
    },
    "api_key": {
        Group.SETTINGS: "id title staff_id scopes active used_on created_at created_by revoked_at",
        Group.SECRETS: "digest",
    },
    "api_answer": {Group.SECRETS: "id print sealed going_on at"},
    "office": {
        Group.SETTINGS: "id name locale region currency work first_answer_minutes"
        " head_after_minutes callback_minutes pipelines routing lines default_team teams roles"
        " fields"
        " sources archive_days admin_reads phones calendars mail mailing selling room"
        " notices sla rules segments rfm papers updated_at updated_by",
    },
    "inbound": {
        Group.INBOX: "id channel account event_id what at received_at sender recipient text fields"
        " attachments call mail message order payment source window_s last_at raw raw_parts state"
        " trial why client_id lead_id",
    },
    "raw_part": {Group.INBOX: "id text"},
    "call_state": {Group.INBOX: "id started_at legs recording_url number_in"},
    "payment": {
        Group.RECORD: "id channel account deal_id paper_id client_id inbound_id asked created_at"
        " updated_at",
        Group.NAME: "payer_name",
        Group.REACH: "payer_phones payer_emails",
        Group.PAID: "external numbers currency amount_minor refunds refunded_minor refunded_whole"
        " receipts canceled money state why at decided_by",
    },
    "order": {
        Group.RECORD: "id channel account external deal_id said agreed sent version created_at"
        " updated_at untold.at untold.first untold.news",
        Group.FLOW: "number issued status state why shipped cancelled page",
        Group.GOODS: "theirs.id theirs.product theirs.sku theirs.name theirs.quantity_milli",
        Group.AMOUNT: "theirs.price_minor theirs.discount_bp theirs_total_minor",
        Group.PAID: "paid",
    },
    "exchange": {
        Group.INBOX: "id channel account what file at done_at state why received created updated"
        " unchanged errors faults",
    },
    "exchange_session": {
        Group.SECRETS: "id account what version at touched_at files whole swept offered"
        " offered_until",
    },
    "exchange_part": {Group.SECRETS: "id data"},
    "exchange_account": {Group.SETTINGS: "id price_types currencies told_until"},
    "goods_group": {Group.CATALOGUE: "id name"},
    "goods_link": {Group.CATALOGUE: "id account product_id seen listed"},
    "mail_link": {Group.INBOX: "id client_id lead_id deal_id activity_id direction recipient_id"},
    "shop_cursor": {Group.INBOX: "id until looked_at"},
    "mailbox": {Group.INBOX: "id position waiting looked_at watched_at"},
    "dead_address": {Group.INBOX: "id status at"},
    "outgoing": {
        Group.INBOX: "id client_id staff_id to subject text message_id token earlier thread files"
        " at state attempts sent_at why",
    },
    "campaign": {
        Group.TEMPLATES: "id name words segment clients author_id state why planned created_at"
        " started_at next_at ended_at",
        Group.SECRETS: "secret cursor",
    },
    "series": {
        Group.TEMPLATES: "id name steps on leave_on_reply leave_on_won author_id updated_at",
        Group.SECRETS: "secret",
    },
    "series_member": {
        Group.RECORD: "id client_id",
        Group.TEMPLATES: "series_id state why run step due_at started_at cause ended_at",
    },
    "recipient": {
        Group.RECORD: "client_id",
        Group.REACH: "address",
        Group.SECRETS: "id external_id",
        Group.TEMPLATES: "source campaign_id words run step medium state why due_at attempts"
        " sending_at sent_at delivered_at opened_at answered_at unsubscribed_at deal_id",
    },
    "dispatch": {Group.SECRETS: "id recipient_id"},
    "address_wish": {Group.REACH: "id consent_at evidence stopped_at why"},
    "allowance": {Group.SETTINGS: "id minute in_minute day in_day"},
    "message_mark": {Group.INBOX: "id activity_id recipient_id state said"},
    "sending": {Group.INBOX: "id at attempts"},
    "topic": {Group.INBOX: "id chat_id"},
    "room_post": {Group.INBOX: "id at message"},
    "link_code": {Group.SECRETS: "id staff_id until"},
}

FIELDS: Mapping[str, Mapping[str, Group]] = {
    kind: {path: group for group, paths in groups.items() for path in paths.split()}
    for kind, groups in _TABLE.items()
}

_PARENTS: Mapping[str, frozenset[str]] = {
    kind: frozenset(name[:at] for name in fields for at, letter in enumerate(name) if letter == ".")
    for kind, fields in FIELDS.items()
}

# Words that people type: a hidden amount of the record is masked in them.
WORDS = frozenset(
    {
        "name",
        "company",
        "note",
        "reason",
        "reason_note",
        "tags",
        "deal_type",
        "contractor",
        "lines.name",
        "lines.category",
        "extra",
        "fields",
        "title",
        "text",
        "result",
    }
)


def group_of(kind: str, path: str) -> Group | None:
    """Return the group of a field, None for one that no group names."""
    fields = FIELDS.get(kind, {})
    parent, _, _ = path.partition(".")
    return fields.get(path) or fields.get(f"{parent}.*") or fields.get(parent)


def has_parts(kind: str, path: str) -> bool:
    """Return whether the parts of this field belong to different groups."""
    return path in _PARENTS.get(kind, ())
