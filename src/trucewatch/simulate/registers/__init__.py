"""Invented registers with contradictions that are known beforehand."""
