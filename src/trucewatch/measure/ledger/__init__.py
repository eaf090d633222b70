"""What parties allege beside what the mission saw; claims are matched, never averaged."""
