"""The project's pytest plugin, loaded whatever is asked for: its own tests take some of its options."""

from why_bird.fixtures.places import PLUGINS

pytest_plugins = PLUGINS
