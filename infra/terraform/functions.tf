# Every function is the same archive of functions/ with another entry point (functions/main.py),
# and its name is the first segment of its addresses.
locals {
  build        = "${path.module}/../../build"
  requirements = "${local.build}/functions/requirements.txt"

  home     = "https://${var.region}-${var.project}.cloudfunctions.net"
  urls     = { for name in keys(local.functions) : name => "${local.home}/${name}" }
  base_url = var.base_url == "" ? local.home : var.base_url

  # Google's door is open for every function, and the code behind it is the judge of each call:
  # Cloud Run takes the signature off a token that it has checked itself, so that we could not
  # check it again, and it cannot read the add-on's token at all. All tokens of ours are meant for
  # one audience, `base_url`.
  public = tomap({ everybody = "allUsers" })

  functions = {
    ingest = {
      invokers = local.public
      secrets  = { KARTOTEKA_GOOGLE_TOKEN = local.google_token }
      service  = { timeout_s = 180, max_instances = 20 }
      roles    = ["roles/cloudtasks.enqueuer", "roles/datastore.user"]
    }
    automation = {
      invokers = local.public
      secrets  = { KARTOTEKA_GOOGLE_TOKEN = local.google_token }
      service  = { timeout_s = 540, max_instances = 10 }
      roles = [
        "roles/cloudtasks.enqueuer",
        "roles/datastore.importExportAdmin",
        "roles/datastore.user",
      ]
    }
    sync = {
      invokers = local.public
      secrets  = { KARTOTEKA_GOOGLE_TOKEN = local.google_token }
      service  = { timeout_s = 540, max_instances = 4 }
      roles    = ["roles/cloudtasks.enqueuer", "roles/datastore.user"]
    }
    api = {
      invokers = local.public
      secrets  = { KARTOTEKA_GOOGLE_TOKEN = local.google_token }
      service  = { timeout_s = 60, max_instances = 10 }
      roles    = ["roles/cloudtasks.enqueuer", "roles/datastore.user"]
    }
  }

  google_token = {
    secret  = google_secret_manager_secret.google_token.secret_id
    version = var.google_token_version
  }

  google_people = {
    for secret in google_secret_manager_secret.google_people : "KARTOTEKA_GOOGLE_PEOPLE" => {
      secret  = secret.secret_id
      version = var.google_people_version
    }
  }

  environment = {
    KARTOTEKA_STORE          = "firestore"
    KARTOTEKA_PROJECT        = var.project
    KARTOTEKA_DATABASE       = google_firestore_database.main.name
    KARTOTEKA_LOCATION       = var.region
    KARTOTEKA_BASE_URL       = local.base_url
    KARTOTEKA_URLS           = jsonencode(local.urls)
    KARTOTEKA_TASKS_EMAIL    = google_service_account.tasks.email
    KARTOTEKA_GOOGLE_ACCOUNT = var.google_account
    KARTOTEKA_GMAIL_TOPIC    = var.gmail_topic
    KARTOTEKA_ADDON_AUDIENCE = var.addon_audience
    KARTOTEKA_BACKUP_BUCKET  = google_storage_bucket.backups.name
  }
}

# Whom Cloud Tasks and Cloud Scheduler speak as.
resource "google_service_account" "tasks" {
  account_id   = "kartoteka-tasks"
  display_name = "Kartoteka: calls of the queues and the scheduler"

  depends_on = [google_project_service.used]
}

resource "google_service_account" "builder" {
  account_id   = "kartoteka-builder"
  display_name = "Kartoteka: builds the functions"

  depends_on = [google_project_service.used]
}

resource "google_project_iam_member" "builder" {
  project = var.project
  role    = "roles/cloudbuild.builds.builder"
  member  = google_service_account.builder.member
}

data "archive_file" "functions" {
  type        = "zip"
  source_dir  = "${local.build}/functions"
  output_path = "${local.build}/functions.zip"

  lifecycle {
    precondition {
      condition     = local.declared != null && fileexists(local.requirements)
      error_message = "The archive is not prepared: run `make archive` in the repository first."
    }
  }
}

resource "google_storage_bucket" "source" {
  name                        = "${var.project}-kartoteka-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  depends_on = [google_project_service.used]
}

resource "google_storage_bucket_object" "archive" {
  name   = "functions-${data.archive_file.functions.output_md5}.zip"
  bucket = google_storage_bucket.source.name
  source = data.archive_file.functions.output_path
}

module "function" {
  source   = "./modules/function"
  for_each = local.functions

  project = var.project
  region  = var.region
  name    = each.key

  build = {
    bucket          = google_storage_bucket_object.archive.bucket
    object          = google_storage_bucket_object.archive.name
    service_account = google_service_account.builder.id
  }

  service = merge(each.value.service, { environment = local.environment })

  access = {
    roles    = each.value.roles
    invokers = each.value.invokers
    secrets = merge(
      each.value.secrets,
      { for name, secret in local.google_people : name => secret if each.key == "sync" },
    )
    acts_as = google_service_account.tasks.name
  }

  depends_on = [google_project_iam_member.builder]
}
