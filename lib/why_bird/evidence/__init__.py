"""The record of a claim, the register it was fixed in, and the report made of the records."""
