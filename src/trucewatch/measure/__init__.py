"""What could have been seen: coverage, rates, whether it holds, thermal background, tasking."""
