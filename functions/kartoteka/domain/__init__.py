"""Pure rules of the office: entities, pipelines, time, identity, access; no input or output."""
