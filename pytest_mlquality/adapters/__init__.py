"""Outside systems behind small Protocols: models in their formats, and the registries that keep them."""
