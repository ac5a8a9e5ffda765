# Three jobs are free of charge; each further one costs ten cents a month.
locals {
  jobs = {
    tick      = { schedule = "* * * * *", function = "automation", deadline = "55s", retries = 0 }
    reconcile = { schedule = "* * * * *", function = "sync", deadline = "180s", retries = 0 }
    mailboxes = { schedule = "* * * * *", function = "ingest", deadline = "180s", retries = 0 }
    backup    = { schedule = "0 3 * * *", function = "automation", deadline = "180s", retries = 3 }
    promote   = { schedule = "0 4 * * *", function = "automation", deadline = "540s", retries = 3 }
    nightly   = { schedule = "30 4 * * *", function = "automation", deadline = "540s", retries = 3 }
  }
}

resource "google_cloud_scheduler_job" "job" {
  for_each = local.jobs

  name             = "kartoteka-${each.key}"
  region           = var.region
  schedule         = each.value.schedule
  time_zone        = var.time_zone
  attempt_deadline = each.value.deadline

  http_target {
    http_method = "POST"
    uri         = "${local.urls[each.value.function]}/${each.key}"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oidc_token {
      service_account_email = google_service_account.tasks.email
      audience              = local.base_url
    }
  }

  retry_config {
    retry_count = each.value.retries
  }

  depends_on = [module.function]
}
