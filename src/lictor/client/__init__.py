"""Carries calls, events and log lines to the API."""
