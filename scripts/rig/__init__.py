"""What scripts/faults and scripts/soak share: an agent under test, and those who send to it and scrape it."""
