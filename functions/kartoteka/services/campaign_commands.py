"""Commands on texts to many, by name."""

from kartoteka.services import (
    campaign_forms,
    campaign_looking,
    campaign_report,
    campaigns,
    series,
)
from kartoteka.services.commands import Command, Registry

CAMPAIGN_COMMANDS: Registry = {
    "campaign.change": Command(
        "change a text to many before it starts", campaign_forms.ChangeCampaign, campaigns.change
    ),
    "campaign.create": Command(
        "prepare a text to many", campaign_forms.CreateCampaign, campaigns.create
    ),
    "campaign.list": Command("list the campaigns", campaign_forms.ListCampaigns, campaigns.listed),
    "campaign.preview": Command(
        "read a campaign as people would get it",
        campaign_forms.PreviewCampaign,
        campaign_looking.preview,
    ),
    "campaign.report": Command(
        "what became of a campaign", campaign_forms.OneCampaign, campaign_report.report
    ),
    "campaign.start": Command(
        "begin to send a campaign, or go on", campaign_forms.StartCampaign, campaigns.start
    ),
    "campaign.stop": Command("stop a campaign now", campaign_forms.OneCampaign, campaigns.stop),
    "campaign.test": Command(
        "send a campaign to yourself only", campaign_forms.OneCampaign, campaign_looking.ask_test
    ),
    "series.list": Command("list the series", campaign_forms.ListSeries, series.listed),
    "series.set": Command("make or change a series", campaign_forms.SetSeries, series.set_series),
    "series.start": Command(
        "begin a series with a client", campaign_forms.ClientInSeries, series.start
    ),
    "series.stop": Command(
        "take a client out of a series", campaign_forms.ClientInSeries, series.stop
    ),
}
