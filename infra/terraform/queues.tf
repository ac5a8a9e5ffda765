# Google gives a task up only when BOTH limits are reached, so both are set on purpose.
# A deleted queue blocks its name for a week: change queues, do not rename them.
locals {
  queues = {
    # The rules read the log: two drains at once would wait for each other's locks.
    changes = { concurrent = 1, per_second = 5, attempts = 50, retry_for = "86400s" }

    # One writer per workbook and per contact account: dispatch one at a time, in no hurry.
    sheets   = { concurrent = 1, per_second = 1, attempts = 30, retry_for = "3600s" }
    contacts = { concurrent = 1, per_second = 1, attempts = 30, retry_for = "3600s" }

    # One writer for all calendars.
    calendar = { concurrent = 1, per_second = 1, attempts = 30, retry_for = "3600s" }

    # Figures: one writer, and nobody waits for them.
    stats = { concurrent = 1, per_second = 1, attempts = 30, retry_for = "3600s" }

    # The team's group takes twenty posts a minute.
    room = { concurrent = 1, per_second = 1, attempts = 50, retry_for = "86400s" }

    messages   = { concurrent = 10, per_second = 20, attempts = 50, retry_for = "86400s" }
    automation = { concurrent = 10, per_second = 50, attempts = 50, retry_for = "86400s" }
    timers     = { concurrent = 20, per_second = 50, attempts = 50, retry_for = "86400s" }
  }
}

resource "google_cloud_tasks_queue" "queue" {
  for_each = local.queues

  name     = each.key
  location = var.region

  rate_limits {
    max_concurrent_dispatches = each.value.concurrent
    max_dispatches_per_second = each.value.per_second
  }

  retry_config {
    max_attempts       = each.value.attempts
    max_retry_duration = each.value.retry_for
    min_backoff        = "1s"
    max_backoff        = "300s"
    max_doublings      = 8
  }

  depends_on = [google_project_service.used]
}
