"""The project's pytest plugin: one route to load it, so that every module exists once."""

pytest_plugins = [
    "fixtures.threads",
    "fixtures.options",
    "fixtures.networks",
    "fixtures.collection",
    "fixtures.measurements",
    "fixtures.claim",
    "fixtures.refusal",
    "fixtures.procedure",
    "fixtures.gate",
    "fixtures.evidence",
    "fixtures.export",
]
