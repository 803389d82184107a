"""The project's pytest plugin: one route to load it, so that every module exists once."""

pytest_plugins = [
    "why_bird.fixtures.threads",
    "why_bird.fixtures.options",
    "why_bird.fixtures.networks",
    "why_bird.fixtures.collection",
    "why_bird.fixtures.measurements",
    "why_bird.fixtures.claim",
    "why_bird.fixtures.refusal",
    "why_bird.fixtures.procedure",
    "why_bird.fixtures.gate",
    "why_bird.fixtures.evidence",
    "why_bird.fixtures.export",
]
