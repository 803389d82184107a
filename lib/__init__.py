"""Plain Python behind the claims: images, networks, measurements, statistics, evidence.

The packages import only to the left in ``images | networks | measure | stats | evidence``,
and none of them knows pytest. ``tests/test_architecture.py`` holds that by tool.
"""
