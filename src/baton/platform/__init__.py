"""The ground floor: database, clock, journal, work queue. It knows no business words."""
