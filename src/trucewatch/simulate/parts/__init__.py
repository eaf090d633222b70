"""What worlds are made of: ground, happenings, fires, sky, satellites, press, and their files."""
