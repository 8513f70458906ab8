"""The verbs of inventory, each inside the caller's transaction.

`promises` reserve, allocate, free · `facts` what happened to goods · `transfers` from one
location to another · `booking` the one way in which rows are written.
"""
