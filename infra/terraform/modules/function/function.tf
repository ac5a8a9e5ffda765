resource "google_cloudfunctions2_function" "function" {
  name     = var.name
  location = var.region

  build_config {
    runtime         = var.build.runtime
    entry_point     = var.name
    service_account = var.build.service_account

    source {
      storage_source {
        bucket = var.build.bucket
        object = var.build.object
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.function.email
    environment_variables            = local.environment
    timeout_seconds                  = var.service.timeout_s
    available_memory                 = var.service.memory
    available_cpu                    = var.service.cpu
    min_instance_count               = var.service.min_instances
    max_instance_count               = var.service.max_instances
    max_instance_request_concurrency = var.service.concurrency
    ingress_settings                 = "ALLOW_ALL"
    all_traffic_on_latest_revision   = true

    dynamic "secret_environment_variables" {
      for_each = var.access.secrets

      content {
        key        = secret_environment_variables.key
        project_id = var.project
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }
  }

  depends_on = [google_secret_manager_secret_iam_member.reads]
}

locals {
  # The web server inside gets as many threads as Google sends requests at a time.
  environment = merge(var.service.environment, { THREADS = tostring(var.service.concurrency) })
}
