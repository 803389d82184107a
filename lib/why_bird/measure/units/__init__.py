"""The penultimate units: what excites each, what each carries, and what happens without it."""
