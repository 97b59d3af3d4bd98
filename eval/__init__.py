"""Measures Lotse: calibration, question sets, metrics, reports."""
