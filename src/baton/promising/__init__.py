"""When an order will be there: the day it ships, the days it may arrive, and until when to order.

Owns       the reckoning of dates. It keeps nothing: a promise is stored by whoever makes it.
Tables     none
Decides    rules.ship_day(now, dispatch) → ShipDay · rules.promise(now, dispatch, transit) →
           Promise · rules.transit_days_left(ship_on, needed_by, carrier) → int. Pure: time is an
           argument, and so are calendars.
Facts      none
Invariants A later order is never promised earlier. Nothing ships on a day on which the location
           is closed, nothing is collected or delivered on one on which the carrier is. A promise
           lists the terms from which it follows, and the closed days that they passed over.

Explained in docs/algorithms/promising.md.
"""
