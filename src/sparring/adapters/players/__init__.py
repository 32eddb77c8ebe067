"""The players of a trial: the agent under test, the simulated user and the judge, and who casts them."""
