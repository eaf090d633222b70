"""The register of commitments: sourced claims, what contradicts what, and what is preferred."""
