"""Commands on the office's settings: stages, people, lists, fields, secrets."""

from kartoteka.services import settings_accounts as accounts
from kartoteka.services import settings_lists as lists
from kartoteka.services import settings_people as people
from kartoteka.services import settings_presence as presence
from kartoteka.services import settings_routing as routing
from kartoteka.services import settings_stages as stages
from kartoteka.services.commands import Command, Registry

SETTINGS_COMMANDS: Registry = {
    "account.add": Command(
        "connect a channel; gives its address and secret", accounts.AddAccount, accounts.add
    ),
    "absence.add": Command(
        "say when a person is away, yourself or of your teams", presence.Absence, presence.absent
    ),
    "absence.remove": Command("take days of absence back", presence.Absence, presence.present),
    "account.rotate": Command(
        "give a channel account a new secret; two are valid at once",
        lists.RotateSecret,
        lists.rotate,
    ),
    "account.switch": Command(
        "switch a channel account off or on", lists.SwitchAccount, lists.switch
    ),
    "field.add": Command("add a field of the office's own", lists.NewField, lists.add_field),
    "field.edit": Command("change a field of the office", lists.EditField, lists.edit_field),
    "field.remove": Command("take a field away", lists.RemoveField, lists.remove_field),
    "hours.set": Command("set the office's working hours", lists.SetHours, lists.hours),
    "pipeline.switch": Command(
        "switch a pipeline on or off for new records", stages.SwitchPipeline, stages.switch
    ),
    "reason.add": Command("add a reason to a stage", lists.Reason, lists.add_reason),
    "reason.remove": Command("take a reason from a stage", lists.Reason, lists.remove_reason),
    "role.remove": Command(
        "take back what was set for a role", people.RemoveRole, people.remove_role
    ),
    "role.set": Command("change a role or add one", people.SetRole, people.set_role),
    "routing.set": Command(
        "say who gets new requests, row by row", routing.SetRouting, routing.set_rules
    ),
    "routing.show": Command("show who gets new requests", routing.ShowRouting, routing.shown),
    "shift.set": Command(
        "say on which days of the week a person works", presence.SetShift, presence.shift
    ),
    "source.add": Command("add a source of requests", lists.OneName, lists.add_source),
    "source.remove": Command("take a source away", lists.OneName, lists.remove_source),
    "staff.add": Command("take a person into the office", people.AddStaff, people.add),
    "staff.dismiss": Command(
        "let a person go; names what to hand over", people.DismissStaff, people.dismiss
    ),
    "staff.edit": Command("change a person's role, team and so on", people.EditStaff, people.edit),
    "stage.add": Command("add a stage to a pipeline", stages.AddStage, stages.add),
    "stage.colour": Command("colour the rows of a stage", stages.ColourStage, stages.colour),
    "stage.delete": Command(
        "delete a stage; its records move to another", stages.DeleteStage, stages.delete
    ),
    "stage.limit": Command("set how long records may stay", stages.LimitStage, stages.limit),
    "stage.rename": Command("call a stage something else", stages.RenameStage, stages.rename),
    "stage.reorder": Command("put stages into another order", stages.ReorderStages, stages.reorder),
    "team.remove": Command("take a team out of the tree", people.RemoveTeam, people.remove_team),
    "team.set": Command("put a team below another", people.SetTeam, people.set_team),
}
