"""All commands of the product; each family declares its own."""

from kartoteka.services.api_keys import api_key_commands
from kartoteka.services.approval_commands import APPROVAL_COMMANDS
from kartoteka.services.archive_settings import ARCHIVE_COMMANDS
from kartoteka.services.autodial import AUTODIAL_COMMANDS
from kartoteka.services.calendar_settings import CALENDAR_COMMANDS
from kartoteka.services.campaign_commands import CAMPAIGN_COMMANDS
from kartoteka.services.chat_commands import CHAT_COMMANDS
from kartoteka.services.chat_reading import CHAT_READING
from kartoteka.services.chat_settings import CHAT_SETTINGS
from kartoteka.services.commands import Registry
from kartoteka.services.comments import COMMENT_COMMANDS
from kartoteka.services.consents import CONSENT_COMMANDS
from kartoteka.services.cross_sell import CROSS_SELL_COMMANDS
from kartoteka.services.deal_by_call import CALL_DEALS
from kartoteka.services.deal_commands import DEAL_COMMANDS
from kartoteka.services.delete_commands import DELETE_COMMANDS
from kartoteka.services.firings import FIRING_COMMANDS
from kartoteka.services.generator_commands import GENERATOR_COMMANDS
from kartoteka.services.lead_commands import LEAD_COMMANDS
from kartoteka.services.line_settings import LINE_COMMANDS
from kartoteka.services.log_activity import ACTIVITY_COMMANDS
from kartoteka.services.mail_send import MAIL_COMMANDS
from kartoteka.services.mail_settings import MAIL_SETTINGS
from kartoteka.services.mailing_settings import MAILING_SETTINGS
from kartoteka.services.merge_commands import MERGE_COMMANDS
from kartoteka.services.next_commands import NEXT_COMMANDS
from kartoteka.services.notice_parking import NOTICE_PARKING
from kartoteka.services.notice_settings import NOTICE_SETTINGS
from kartoteka.services.order_commands import ORDER_COMMANDS
from kartoteka.services.overrides import OVERRIDE_COMMANDS
from kartoteka.services.paper_settings import PAPER_SETTINGS
from kartoteka.services.payment_commands import PAYMENT_COMMANDS
from kartoteka.services.phone_settings import PHONE_COMMANDS
from kartoteka.services.plans import PLAN_COMMANDS
from kartoteka.services.pool_commands import POOL_COMMANDS
from kartoteka.services.proposals import PROPOSAL_COMMANDS
from kartoteka.services.recording_settings import RECORDING_SETTINGS
from kartoteka.services.repeats import REPEAT_COMMANDS
from kartoteka.services.rule_rehearsing import REHEARSAL_COMMANDS
from kartoteka.services.sales_commands import SALES_COMMANDS
from kartoteka.services.sales_papers import PAPER_COMMANDS
from kartoteka.services.segment_commands import SEGMENT_COMMANDS
from kartoteka.services.segment_hands import SEGMENT_HANDS
from kartoteka.services.segment_view import SEGMENT_VIEWS
from kartoteka.services.settings_commands import SETTINGS_COMMANDS
from kartoteka.services.settings_days import DAY_COMMANDS
from kartoteka.services.settings_forms import FORM_SETTINGS
from kartoteka.services.settings_language import LANGUAGE_COMMANDS
from kartoteka.services.settings_rules import RULE_COMMANDS
from kartoteka.services.shop_settings import SHOP_SETTINGS
from kartoteka.services.site_settings import SITE_COMMANDS
from kartoteka.services.sla_settings import SLA_COMMANDS
from kartoteka.services.stage_papers import STAGE_PAPERS
from kartoteka.services.task_commands import TASK_COMMANDS
from kartoteka.services.template_settings import TEMPLATE_COMMANDS
from kartoteka.services.triage import TRIAGE_COMMANDS

COMMANDS: Registry = {
    **ACTIVITY_COMMANDS,
    **api_key_commands(lambda: COMMANDS),
    **ARCHIVE_COMMANDS,
    **APPROVAL_COMMANDS,
    **AUTODIAL_COMMANDS,
    **CALENDAR_COMMANDS,
    **CALL_DEALS,
    **CAMPAIGN_COMMANDS,
    **CHAT_COMMANDS,
    **CHAT_READING,
    **CHAT_SETTINGS,
    **COMMENT_COMMANDS,
    **CROSS_SELL_COMMANDS,
    **CONSENT_COMMANDS,
    **DAY_COMMANDS,
    **DEAL_COMMANDS,
    **DELETE_COMMANDS,
    **FIRING_COMMANDS,
    **FORM_SETTINGS,
    **GENERATOR_COMMANDS,
    **LANGUAGE_COMMANDS,
    **LEAD_COMMANDS,
    **LINE_COMMANDS,
    **MAIL_COMMANDS,
    **MAIL_SETTINGS,
    **MAILING_SETTINGS,
    **MERGE_COMMANDS,
    **NEXT_COMMANDS,
    **NOTICE_PARKING,
    **NOTICE_SETTINGS,
    **ORDER_COMMANDS,
    **OVERRIDE_COMMANDS,
    **PAPER_COMMANDS,
    **PAPER_SETTINGS,
    **PAYMENT_COMMANDS,
    **PHONE_COMMANDS,
    **PLAN_COMMANDS,
    **POOL_COMMANDS,
    **PROPOSAL_COMMANDS,
    **RECORDING_SETTINGS,
    **REPEAT_COMMANDS,
    **RULE_COMMANDS,
    **REHEARSAL_COMMANDS,
    **SALES_COMMANDS,
    **SEGMENT_COMMANDS,
    **SEGMENT_HANDS,
    **SEGMENT_VIEWS,
    **SETTINGS_COMMANDS,
    **SHOP_SETTINGS,
    **SITE_COMMANDS,
    **STAGE_PAPERS,
    **SLA_COMMANDS,
    **TASK_COMMANDS,
    **TEMPLATE_COMMANDS,
    **TRIAGE_COMMANDS,
}
