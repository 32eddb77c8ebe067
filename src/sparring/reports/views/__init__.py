"""What pages and report show of simulations and trials, made from domain values; no markup."""
