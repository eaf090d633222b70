"""The pages: one file each; every one works without a script."""
