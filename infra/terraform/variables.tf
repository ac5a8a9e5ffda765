variable "project" {
  type        = string
  description = "Google Cloud project id; best a project of its own, with billing on."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "Give the project id (letters, digits and -), not its name or number."
  }
}

variable "region" {
  type        = string
  default     = "europe-west1"
  description = "Where functions, queues and jobs run."
}

variable "firestore_location" {
  type        = string
  default     = "europe-west1"
  description = "Where the records are kept; it can never be changed afterwards."
}

variable "database" {
  type        = string
  default     = "(default)"
  description = "Firestore database; the free quota belongs to the first one of a project."
}

variable "time_zone" {
  type        = string
  default     = "Europe/Moscow"
  description = "The office's time zone (IANA name), for the nightly job."
}

variable "google_account" {
  type        = string
  description = "E-mail of the office's Google account that owns the books and the contacts."

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+$", var.google_account))
    error_message = "Give the e-mail of the account whose token the secret holds."
  }
}

variable "google_token_version" {
  type        = string
  default     = "1"
  description = "Version of the secret kartoteka-google-token; raise it and apply to rotate."

  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.google_token_version))
    error_message = "Pin a version number: a running function would never notice a new latest."
  }
}

variable "google_people_version" {
  type        = string
  default     = ""
  description = "Version of the secret kartoteka-google-people; empty: nobody has an own key."

  validation {
    condition     = can(regex("^([1-9][0-9]*)?$", var.google_people_version))
    error_message = "Pin a version number: a running function would never notice a new latest."
  }
}

variable "gmail_topic" {
  type        = string
  default     = ""
  description = "Pub/Sub topic that Gmail tells of new letters; empty: looked at by the minute."
}

variable "addon_audience" {
  type        = string
  default     = ""
  description = "The number that the add-on shows after «Подключить»; empty: no add-on."
}

variable "base_url" {
  type        = string
  default     = ""
  description = "https address of your own domain before the functions; empty: Google's address."

  validation {
    condition     = var.base_url == "" || can(regex("^https://[^/?#@]+$", var.base_url))
    error_message = "Give https:// and the name, without a path or a slash at the end."
  }
}
