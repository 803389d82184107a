"""A user's script that wants a command line when it is imported: no factory in it can be reached."""

import sys

sys.exit("usage: train.py --epochs N")
