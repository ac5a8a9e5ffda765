output "webhooks" {
  description = "Paste these at the providers; `kartoteka init` tells the account tokens."
  value = {
    for channel in ["call", "telegram"] :
    channel => "${local.base_url}/ingest/${channel}/{account}"
  }
}

output "form" {
  description = "Hosted form and its embed script; the form id comes from `kartoteka init`."
  value = {
    page  = "${local.base_url}/ingest/form/{form}"
    embed = "${local.base_url}/ingest/form/{form}/embed.js"
  }
}

output "addon_address" {
  description = "What to type at «Картотека → Подключить» in a book."
  value       = local.base_url
}

output "health" {
  description = "Says in words what is late."
  value       = "${local.base_url}/api/health"
}

output "backups" {
  description = "Where the nightly exports are."
  value       = "gs://${google_storage_bucket.backups.name}"
}

output "accounts" {
  description = "Service account of each function, for audits."
  value       = { for name, function in module.function : name => function.service_account }
}
