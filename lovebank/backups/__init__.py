"""Backups: one file format for both engines, written online and proved before it is believed."""
