# gdb reads this when it sees libsluice.so, and finds what it is about in the same tree.
import os

import gdb

gdb.execute("source " + os.path.join(__file__.split("/gdb/auto-load/")[0], "sluice/gdb/sluice.py"))
