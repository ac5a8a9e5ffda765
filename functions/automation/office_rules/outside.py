"""Webhooks of rules: what happened, told to another system of the office, signed."""

import hashlib
import hmac
import json

from automation.office_rules.job import DONE, Job
from kartoteka.domain.errors import ConfigError
from kartoteka.domain.instant import spell
from kartoteka.services.paper_settings import hook_secret

ID_HEADER = "x-kartoteka-id"
SIGNATURE_HEADER = "x-kartoteka-signature"


def webhook(job: Job) -> str:
    """Post which rule fired about which record; the receiver asks the office for the rest.

    Nothing that a client typed and no amount leaves here: ids, kinds and times. The id is the same
    when the post is repeated.
    """
    secret = hook_secret(job.desk.store)
    if not secret:
        raise ConfigError("webhooks have no secret", code="rule_no_secret")
    body = _body(job)
    headers = {
        "content-type": "application/json",
        ID_HEADER: f"{job.firing.id}:{job.number}",
        SIGNATURE_HEADER: signature(body, secret),
    }
    job.hooks.post(job.word("url"), body, headers)
    return DONE


def signature(body: bytes, secret: str) -> str:
    """Return the proof of a body, spelled as the webhooks that come in spell theirs."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _body(job: Job) -> bytes:
    firing = job.firing
    told = {
        "id": f"{firing.id}:{job.number}",
        "rule": firing.rule_id,
        "version": firing.version,
        "cause": firing.cause,
        "record": {"kind": firing.about, "id": firing.record_id},
        "client": firing.client_id,
        "at": spell(firing.at),
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
