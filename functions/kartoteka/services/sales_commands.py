"""Commands around deals: a lead's beginning and its way to one, companies, the catalogue."""

from kartoteka.services import (
    client_by_hand,
    companies,
    convert,
    lead_by_hand,
    lead_lines,
    merge_companies,
    products,
)
from kartoteka.services.commands import Registry
from kartoteka.services.deal_commands import command

SALES_COMMANDS: Registry = {
    "client.add": command(
        "write down a client", client_by_hand.NewClient, client_by_hand.add_client
    ),
    "company.add": command("add a company", companies.NewCompany, companies.add),
    "company.edit": command("change a company", companies.EditCompany, companies.edit),
    "company.merge": command(
        "make one company of two", merge_companies.MergeCompanies, merge_companies.merge_companies
    ),
    "lead.add": command("write down a request", lead_by_hand.NewLead, lead_by_hand.add_lead),
    "lead.convert": command("make a deal of a lead", convert.ConvertLead, convert.convert_lead),
    "lead.lines": command("say what a lead asks about", lead_lines.LeadLines, lead_lines.set_lines),
    "product.add": command("add to the catalogue", products.NewProduct, products.add),
    "product.edit": command("change a product", products.EditProduct, products.edit),
}
