"""`make bench`: one benchmark by its name, or those that run by themselves.

python -m bench                   routing
python -m bench live_file FILE    a file of real orders, live, from capture to shipment
"""

from __future__ import annotations

import sys

from bench import live_file, routing

if __name__ == "__main__":
    match sys.argv[1:]:
        case [] | ["routing"]:
            routing.main()
        case ["live_file", *rest]:
            sys.exit(live_file.main(rest))
        case [name, *_]:
            sys.exit(f"There is no benchmark {name!r}: routing, live_file.")
