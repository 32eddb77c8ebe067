"""Measurements of the main job against a loopback model server, beside a bare loop on the same transport."""
