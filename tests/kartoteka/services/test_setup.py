"""Setting an office up from a preset."""

import pytest

from kartoteka.domain.errors import ConfigError
from kartoteka.services.setup import preset_names, read_preset, set_up
from kartoteka.services.unit import LOG


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_makes_an_office(name, store, clock):
    preset = read_preset(name)

    made = set_up(store, clock, preset)

    assert made.made
    unmarked = {"updated_at": None, "updated_by": "", "work": preset.office.work}
    assert made.settings.office.model_copy(update=unmarked) == preset.office
    assert {person.id for person in made.settings.staff} == {person.id for person in preset.staff}
    assert {day.year for day in made.settings.office.work.country.off} == {2026, 2027}


@pytest.mark.parametrize("name", preset_names())
def test_every_stage_leads_to_stages_there_are(name):
    for pipeline in read_preset(name).pipelines:
        for stage in pipeline.stages:
            for target in (
                *stage.leads_to,
                stage.on_conversation,
                stage.on_attempt,
                stage.exhausted,
            ):
                assert not target or pipeline.stage(target)


def test_second_setup_changes_nothing(store, clock):
    preset = read_preset("law_firm")
    first = set_up(store, clock, preset)
    head = store.log_head(LOG)

    again = set_up(store, clock, preset)

    assert (again.made, again.settings) == (False, first.settings)
    assert store.log_head(LOG) == head


def test_secrets_of_accounts_stay_out_of_the_log(store, clock):
    made = set_up(store, clock, read_preset("law_firm"))
    log = str([entry.doc for entry in store.read_log(LOG, None, 100)])

    secrets = [secret for account in made.settings.accounts for secret in account.secrets]
    assert secrets
    assert not [secret for secret in secrets if secret in log]


@pytest.mark.parametrize("name", ["bakery", "../law_firm", ""])
def test_unknown_preset_names_the_known_ones(name):
    with pytest.raises(ConfigError, match="law_firm"):
        read_preset(name)


@pytest.mark.parametrize("name", preset_names())
def test_who_gets_an_unknown_region_is_a_team_that_takes_requests(name):
    preset = read_preset(name)
    teams = {person.team for person in preset.staff if person.takes_leads}
    assert preset.default_team in teams
    assert bool(preset.default_team) == any(teams), "where nobody is in a team, the queue deals"
