"""Renderings of finished simulations. A report is given values and cannot query."""
