"""Pages about consents, purposes and requests of the persons concerned."""
