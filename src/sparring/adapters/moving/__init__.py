"""Moving in from the vendors' clouds: their records as records of this installation, and back."""
