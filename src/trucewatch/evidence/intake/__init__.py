"""Intake safety: bytes from strangers are parsed in a worker process that can do nothing else."""
