"""What works behind the API: threads that run jobs and reactions, and one that keeps house.

    crew = Crew(app, threads=2); crew.start(); …; crew.stop()

Any number of processes may have a crew; they share the work through leases and locks in the
database. `stop` lets each thread finish the job it is at.
"""

from baton.worker.crew import Crew
from baton.worker.housekeeper import Housekeeper

__all__ = ["Crew", "Housekeeper"]
