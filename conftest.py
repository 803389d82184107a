"""The project's pytest plugin: one route to load it, so that every module exists once."""

pytest_plugins = [
    "fixtures.threads",
    "fixtures.options",
    "fixtures.networks",
    "fixtures.measurements",
    "fixtures.collection",
    "fixtures.claim",
    "fixtures.refusal",
    "fixtures.procedure",
    "fixtures.gate",
    "fixtures.evidence",
    "fixtures.export",
]
