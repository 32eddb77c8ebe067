"""Translation between a vendor's wire shapes and the domain. A dialect decides nothing, and sees no other."""
