# One source: functions/kartoteka/indexes.py. `make archive` writes what it declares to this file.
locals {
  indexes_file = "${path.module}/../../build/indexes.json"
  declared     = fileexists(local.indexes_file) ? jsondecode(file(local.indexes_file)) : null

  indexes = {
    for index in try(local.declared.indexes, []) :
    join("-", concat(
      [index.collectionGroup],
      [for field in index.fields : "${field.fieldPath}_${lower(field.order)}"],
    )) => index
  }

  unindexed = {
    for field in try(local.declared.fieldOverrides, []) :
    "${field.collectionGroup}-${field.fieldPath}" => field
  }
}

resource "google_firestore_index" "composite" {
  for_each = local.indexes

  database    = google_firestore_database.main.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path = fields.value.fieldPath
      order      = fields.value.order
    }
  }
}

# Fields that only grow: Firestore's automatic index of one would be a hot spot.
resource "google_firestore_field" "unindexed" {
  for_each = local.unindexed

  database   = google_firestore_database.main.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  index_config {}
}
