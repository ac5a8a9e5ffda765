variable "project" {
  type        = string
  description = "Google Cloud project id."
}

variable "region" {
  type        = string
  description = "Region of the function."
}

variable "name" {
  type        = string
  description = "Name of the function and of its entry point in main.py."

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,17}$", var.name))
    error_message = "Use 2 to 18 letters and digits: it is a Python name and part of an account id."
  }
}

variable "build" {
  description = "The archive and how it is built; `service_account` is the full resource name."
  type = object({
    bucket          = string
    object          = string
    service_account = string
    runtime         = optional(string, "python312")
  })
}

variable "service" {
  description = "How it runs. More than one request at a time needs at least one whole processor."
  type = object({
    environment   = map(string)
    timeout_s     = optional(number, 60)
    memory        = optional(string, "512Mi")
    cpu           = optional(string, "1")
    concurrency   = optional(number, 8)
    min_instances = optional(number, 0)
    max_instances = optional(number, 10)
  })
}

variable "access" {
  description = "What it may do, who may call it, which secrets it reads, as whom it sends tasks."
  type = object({
    roles    = set(string)
    invokers = map(string)
    secrets  = map(object({ secret = string, version = string }))
    acts_as  = string
  })

  validation {
    condition     = !contains([for secret in var.access.secrets : secret.version], "latest")
    error_message = "Pin the version of each secret: a running function never notices a new latest."
  }
}
