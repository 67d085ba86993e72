"""Tables to a region: plans, records, targets, and the files they are written to."""
