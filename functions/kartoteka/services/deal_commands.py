"""Commands on deals, by name."""

from typing import Protocol, TypeVar

from pydantic import BaseModel

from kartoteka.domain.change import Actor
from kartoteka.services import deal_edit, deal_lines, deal_moves, deals
from kartoteka.services import deal_forms as forms
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk

F_contra = TypeVar("F_contra", bound=BaseModel, contravariant=True)
F = TypeVar("F", bound=BaseModel)


class Service(Protocol[F_contra]):
    """One use case that takes a form."""

    def __call__(self, desk: Desk, actor: Actor, form: F_contra, /, *, cause: str) -> BaseModel: ...


def command(what: str, form: type[F], service: Service[F]) -> Command[F]:
    """Return the command that hands its form to a service."""

    def run(desk: Desk, actor: Actor, given: F, cause: str) -> BaseModel:
        return service(desk, actor, given, cause=cause)

    return Command(what, form, run)


DEAL_COMMANDS: Registry = {
    "deal.assign": command("give a deal to a colleague", forms.AssignDeal, deal_edit.assign),
    "deal.attach": command("attach a proving file", forms.AttachToDeal, deal_edit.attach),
    "deal.comment": command("say something beside a deal", forms.CommentDeal, deal_edit.comment),
    "deal.create": command("start a deal", forms.CreateDeal, deals.create),
    "deal.edit": command("change fields of a deal", forms.EditDeal, deal_edit.edit),
    "deal.join": command("let a colleague take part", forms.JoinDeal, deal_edit.join),
    "deal.leave": command("end a colleague's part", forms.LeaveDeal, deal_edit.leave),
    "deal.line_add": command("put a position into a deal", forms.AddLine, deal_lines.add),
    "deal.line_change": command("change a position", forms.ChangeLine, deal_lines.change),
    "deal.line_remove": command("take a position out", forms.RemoveLine, deal_lines.remove),
    "deal.move": command("take a deal to another stage", forms.MoveDeal, deal_moves.move),
    "deal.pay": command("record a payment", forms.PayDeal, deal_moves.pay),
    "deal.restore": command(
        "bring a closed or sleeping deal back", forms.RestoreDeal, deal_moves.restore
    ),
    "deal.transfer": command(
        "take a deal to another pipeline", forms.TransferDeal, deal_moves.transfer
    ),
    "deal.unlock": command("open a paid deal for edits", forms.OneDeal, deal_edit.unlock),
}
