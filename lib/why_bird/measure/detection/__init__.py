"""Scores that tell noise from images (out-of-distribution detection), and how well they do."""
