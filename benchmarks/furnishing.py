"""Makes the tables and opens the offices of an installation; run by benchmarks.installation inside it.

Run: python -m benchmarks.furnishing [PACK …]    (packs to publish beside the library)
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from loket.config.command import start_django

# Tables can only be imported into a started Django.
start_django()

from loket.casework.registry import effect_checks
from loket.catalogue import actions as catalogue
from loket.config.commands.tables import bring_up_to_date
from loket.config.sample.place import open_place
from loket.kernel import clock
from loket.kernel.actors import SYSTEM


def main(packs: Sequence[str]) -> int:
    bring_up_to_date()
    open_place(clock.now())
    for pack in packs:
        catalogue.import_folder(folder=Path(pack), by=SYSTEM, now=clock.now(), effects=effect_checks())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
